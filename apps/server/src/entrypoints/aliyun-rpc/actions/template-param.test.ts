import { check, constantFrom, dictionary, integer, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEMPLATE_PARAM_CHARACTERS, MAX_VARIABLES, readTemplateParam } from './template-param.ts';

const values = (json: string | undefined) => {
  const reading = readTemplateParam(json);
  return reading.ok ? reading.values : reading.reason;
};

describe('TemplateParam', () => {
  it('is text by name, and nothing when it was not sent', () => {
    expect(values('{"code":"012345","name":"张三"}')).toEqual({ code: '012345', name: '张三' });
    expect(values(undefined)).toEqual({});
    expect(values('')).toEqual({});
    expect(values('{}')).toEqual({});
  });

  it('keeps numbers as they were sent, which a double would not', () => {
    expect(values('{"code": 123456,"money":12.50,"order":12345678901234567890,"minus":\t-0}')).toEqual({
      code: '123456',
      money: '12.50',
      order: '12345678901234567890',
      minus: '-0',
    });
  });

  it('takes booleans as their JSON text and null as no value', () => {
    expect(values('{"a":true,"b":null,"c":"x"}')).toEqual({ a: 'true', c: 'x' });
  });

  it('refuses what is no object of plain values', () => {
    for (const json of [
      '{',
      'code=1',
      '[]',
      '["a"]',
      '"a"',
      '1',
      'null',
      '{"a":{}}',
      '{"a":[1]}',
      '{code:1}',
    ]) {
      expect([json, values(json)]).toEqual([json, 'unreadable']);
    }
  });

  it('is bounded', () => {
    const many = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`v${i}`, ''])));
    expect(Object.keys(values(many(MAX_VARIABLES)))).toHaveLength(MAX_VARIABLES);
    expect(values(many(MAX_VARIABLES + 1))).toBe('too_long');
    expect(values(`{"a":"${'x'.repeat(MAX_TEMPLATE_PARAM_CHARACTERS)}"}`)).toBe('too_long');
    expect(values('['.repeat(MAX_TEMPLATE_PARAM_CHARACTERS))).toBe('unreadable');
  });

  it('has no way into the prototype', () => {
    const read = values('{"__proto__":"x","constructor":true,"n":1}') as Record<string, string>;
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.hasOwn(read, '__proto__') && Object.entries(read)).toContainEqual(['constructor', 'true']);
  });

  it('gives back any object of texts and whole numbers, and never throws', () => {
    const given = dictionary(string(), oneof(string(), integer()), { maxKeys: 20 });
    const texts = property(given, (object) => {
      const wanted = Object.entries(object).map(([name, value]) => [name, String(value)]);
      expect(Object.entries(values(JSON.stringify(object)))).toEqual(wanted);
    });
    const piece = constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '1',
      '-',
      '\\',
      'null',
      'true',
      ' ',
      'a',
      '\u0000',
    );
    const noise = property(oneof(string(), string({ unit: piece, maxLength: 40 })), (json) => {
      const reading = readTemplateParam(json);
      if (reading.ok)
        expect(Object.values(reading.values).every((value) => typeof value === 'string')).toBe(true);
    });
    expect(check(texts).counterexample).toBeNull();
    expect(check(noise, { numRuns: 2_000 }).counterexample).toBeNull();
  });
});
