import { type Operation, operations } from '@signet/contract';
import { describe, expect, it } from 'vitest';
import { describeApi } from './open-api.ts';
import { consoleWorldForTests } from './testing/console-world.ts';

type Json = { [key: string]: Json };

/** Every `$ref` of a document. */
function referencesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesOf(inner),
  );
}

describe('the description of the console API', () => {
  const given = consoleWorldForTests();
  const document = describeApi() as Json;

  it('is served to everybody as it is made', async () => {
    const answer = await given().ask(null, { url: '/api/openapi.json' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('has every operation once, with its parameters, its answer and its errors', () => {
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths!).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as Json })),
    );
    const rows = Object.entries(operations) as [string, Operation][];
    expect(described.map(({ operation }) => operation.operationId).sort()).toEqual(
      rows.map(([name]) => name).sort(),
    );
    for (const { path, method, operation } of described) {
      const row = (operations as Readonly<Record<string, Operation>>)[String(operation.operationId)]!;
      expect([method, path.replaceAll(/\{(\w+)\}/g, ':$1')]).toEqual([
        row.method.toLowerCase(),
        `/api${row.path}`,
      ]);
      const parameters = operation.parameters as unknown as {
        name: string;
        in: string;
        required: boolean;
        schema: Json;
      }[];
      const inPath = parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
      expect(inPath.every(({ required }) => required)).toBe(true);
      expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
      const { responses } = operation as { responses: Json };
      const content = responses['200']!.content!;
      if (row.file) expect(Object.keys(content)).toContain('image/png');
      else expect(content['application/json']!.schema).toBeTypeOf('object');
      const told = Object.values(responses)
        .map(({ description }) => String(description))
        .join(' ');
      for (const code of row.errors) expect(told).toContain(`${code}:`);
      expect(operation['x-signet-action']).toBe(row.action === 'open' ? undefined : row.action);
    }
  });

  it('asks for a body where an operation reads one, and for no other', () => {
    const { post, delete: signOut } = document.paths!['/api/session'] as Json;
    const schema = post!.requestBody!.content!['application/json']!.schema as Json;
    expect(schema).toMatchObject({
      type: 'object',
      required: ['name', 'password'],
      additionalProperties: false,
    });
    expect(signOut).not.toHaveProperty('requestBody');
    const { post: unmask } = document.paths!['/api/tenants/{tenantId}/messages/{id}/unmask'] as Json;
    expect(unmask!.requestBody!.required).toBe(true);
  });

  it('refers to what it holds', () => {
    const references = new Set(referencesOf(document));
    expect(references).toEqual(new Set(['#/components/schemas/Problem']));
    expect(document.components!.schemas!.Problem).toMatchObject({ type: 'object' });
  });
});
