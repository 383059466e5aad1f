import { operations } from '@signet/contract';
import { describe, expect, it } from 'vitest';
import { allows } from './allowed.ts';
import { addressOf } from './call.ts';

describe('addressOf', () => {
  it('fills the places of the path and escapes what is in them', () => {
    expect(addressOf(operations.readMessage.path, { tenantId: '10', id: '7/../8?x' })).toBe(
      '/api/tenants/10/messages/7%2F..%2F8%3Fx',
    );
  });

  it('leaves out filters that are not set', () => {
    expect(addressOf('/reviews', {}, { state: 'open', subject: undefined, cursor: '', limit: 50 })).toBe(
      '/api/reviews?state=open&limit=50',
    );
  });

  it('fills every place of every operation', () => {
    for (const { path } of Object.values(operations)) {
      const names = [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => [name!, '1']);
      expect(addressOf(path, Object.fromEntries(names))).not.toContain(':');
    }
  });
});

describe('allows', () => {
  it('takes exact names and names that end in a star', () => {
    expect(allows(['signet:*'], operations.createTenant)).toBe(true);
    expect(allows(['signet:List*'], operations.listMessages)).toBe(true);
    expect(allows(['signet:List*'], operations.readMessage)).toBe(false);
    expect(allows(['signet:ReadMessage'], operations.readMessage)).toBe(true);
    expect(allows(['signet:ReadMessageX', 'ReadMessage'], operations.readMessage)).toBe(false);
    expect(allows([], operations.readMessage)).toBe(false);
  });

  it('lets everybody do what is open', () => {
    expect(allows([], operations.signOut)).toBe(true);
  });
});
