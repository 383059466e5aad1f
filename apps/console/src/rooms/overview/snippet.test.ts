import { VARIABLE_TYPES } from '@signet/sms-text';
import { describe, expect, it } from 'vitest';
import { SAMPLES, sampleParams, sdkSnippet } from './snippet.ts';

describe('SDK example', () => {
  it.each(Object.values(VARIABLE_TYPES))('has a value that the platform takes for $name', (type) => {
    const value = SAMPLES[type.name];
    expect(value).toMatch(type.pattern);
    expect(value.length).toBeGreaterThanOrEqual(type.minCharacters);
    expect(value.length).toBeLessThanOrEqual(type.maxCharacters);
  });

  it('fills the variables of the template by their types', () => {
    expect(
      sampleParams({
        kind: 'code',
        content: '码${code}，${minutes}分钟',
        variables: { minutes: 'verifyTime' },
      }),
    ).toEqual({ code: '482913', minutes: '5' });
  });

  it('keeps a name with quotes inside its literal', () => {
    const text = sdkSnippet({
      host: '127.0.0.1:8080',
      secure: false,
      phone: '13800138000',
      signName: "it's \\ 'x'\n",
      templateCode: 'SMS_1',
      params: {},
    });
    expect(text).toContain("signName: 'it\\'s \\\\ \\'x\\' ',");
    expect(text).toContain("protocol: 'HTTP'");
  });
});
