import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate, renderTemplate } from './templates.ts';
import {
  defaultVariableType,
  readVariableRules,
  type TemplateKind,
  VARIABLE_TYPES,
} from './variable-types.ts';

function render(content: string, params: Record<string, string>, kind: TemplateKind = 'code', rule = '') {
  const parsed = parseTemplate(content);
  const read = readVariableRules(rule, kind);
  if (!parsed.ok || !read.ok) throw new Error('test needs a good template and rule');
  return renderTemplate(parsed.template, params, read.rules);
}

describe('parseTemplate', () => {
  it('cuts the content at its variables', () => {
    expect(parseTemplate(`验证码\${code}，\${min_2}分钟内有效`)).toEqual({
      ok: true,
      template: { literals: ['验证码', '，', '分钟内有效'], variables: ['code', 'min_2'] },
    });
    expect(parseTemplate('无变量 {1} $5')).toMatchObject({ ok: true, template: { variables: [] } });
  });

  it.each([
    ['', 'empty'],
    [' \n', 'empty'],
    ['信'.repeat(501), 'too_long'],
    [`码\${code`, 'unbalanced'],
    [`码\${code}}`, 'unbalanced'],
    ['码{code', 'unbalanced'],
    ['码}{', 'unbalanced'],
    [`码\${a\${b}}`, 'nested'],
    [`码\${}`, 'bad_name'],
    [`码\${1a}`, 'bad_name'],
    [`码\${a b}`, 'bad_name'],
    [`码\${验证}`, 'bad_name'],
    [`码\${a${'b'.repeat(32)}}`, 'bad_name'],
    [`\${content}`, 'full_variable'],
    [` \${content}。`, 'full_variable'],
    [`\${a}，\${b}`, 'full_variable'],
  ])('refuses %j as %s', (content, reason) => {
    expect(parseTemplate(content)).toEqual({ ok: false, reason });
  });

  it('gives back the content, for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(`\${`, '}', '{', '$', 'code', `\${a}`, '码'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const content = pieces.join('');
        const parsed = parseTemplate(content);
        if (!parsed.ok) return;
        const { literals, variables } = parsed.template;
        expect(
          literals
            .map((literal, index) => literal + (index < variables.length ? `\${${variables[index]}}` : ''))
            .join(''),
        ).toBe(content);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('renderTemplate', () => {
  it('puts the values in, once', () => {
    expect(render(`码\${code}。`, { code: '4711', unused: 'x' })).toEqual({ ok: true, text: '码4711。' });
    expect(render(`你好\${a}和\${b}`, { a: `\${b}`, b: '$&' }, 'notice')).toEqual({
      ok: true,
      text: `你好\${b}和$&`,
    });
  });

  it.each([
    [{}, 'missing'],
    [{ code: '' }, 'missing'],
    [{ code: '12345678901' }, 'too_long'],
    [{ code: '9'.repeat(501) }, 'too_long'],
    [{ code: '12 34' }, 'illegal'],
    [{ code: '验证' }, 'illegal'],
    [{ code: '12\n34' }, 'illegal'],
    [{ code: '1234\n' }, 'illegal'],
    [{ code: 'https://example.com/x' }, 'has_url'],
    [{ code: 'example.com' }, 'has_url'],
  ])('a code %j is %s', (params: Record<string, string>, problem) => {
    expect(render(`码\${code}`, params)).toEqual({ ok: false, problem, variable: 'code' });
  });

  it('does not take a value from the prototype', () => {
    expect(render(`码\${constructor}`, {})).toMatchObject({ ok: false, problem: 'missing' });
    expect(render(`码\${toString}`, {})).toMatchObject({ ok: false, problem: 'missing' });
  });

  it.each([
    ['张三', undefined],
    ['第1行\n第2行', undefined],
    ['版本v1.0，3.5元', undefined],
    ['信'.repeat(35), undefined],
    ['信'.repeat(36), 'too_long'],
    ['【银行】', 'illegal'],
    ['a\u0000b', 'illegal'],
    ['\ud83d', 'illegal'],
    ['见 www.example.org', 'has_url'],
    ['https://example.com/1234567890/1234567890', 'has_url'],
  ])('a word in a notice %j: %s', (word, problem) => {
    expect(render(`您好\${word}`, { word }, 'notice')).toEqual(
      problem ? { ok: false, problem, variable: 'word' } : { ok: true, text: `您好${word}` },
    );
  });

  it('holds each variable to its own type', () => {
    const rule = '{"code":"numberCaptcha","when":"time"}';
    expect(
      render(`\${code}于\${when}`, { code: '1234', when: '2026-01-31 08:00' }, 'notice', rule),
    ).toMatchObject({ ok: true });
    expect(render(`\${code}于\${when}`, { code: '123', when: '08:00' }, 'notice', rule)).toMatchObject({
      problem: 'illegal',
    });
    expect(render(`\${code}于\${when}`, { code: '1234', when: '1.2.3.4/5' }, 'notice', rule)).toMatchObject({
      problem: 'has_url',
    });
  });

  it('returns within its bounds for any value of any type', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.stringMatching(/^[0-9a-z.,@:/-]{0,60}$/),
    );
    for (const type of Object.values(VARIABLE_TYPES)) {
      const template = { literals: ['码', ''], variables: ['v'] };
      fc.assert(
        fc.property(value, (v) => {
          const rendered = renderTemplate(
            template,
            { v },
            { byName: new Map([['v', type]]), otherwise: type },
          );
          if (rendered.ok) {
            expect(v.length).toBeLessThanOrEqual(type.maxCharacters);
            expect(v).not.toMatch(/[【】]/);
          }
        }),
        { numRuns: 100 },
      );
    }
  });

  it('judges the worst values of each type in linear time', () => {
    const worst = [
      '1'.repeat(500),
      'a.'.repeat(250),
      'a-'.repeat(250),
      '1,'.repeat(250),
      `${'a.'.repeat(248)}@`,
      'http:/'.repeat(83),
    ];
    const started = performance.now();
    for (const type of Object.values(VARIABLE_TYPES)) {
      for (const v of worst) {
        type.pattern.test(v);
        renderTemplate(
          { literals: ['', ''], variables: ['v'] },
          { v },
          { byName: new Map(), otherwise: type },
        );
      }
    }
    // 126 values take about 5 ms; one that backtracks exponentially would not end.
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('readVariableRules', () => {
  it('reads types by name and falls back on the kind', () => {
    const read = readVariableRules('{"code":"characterWithNumber2"}', 'notice');
    if (!read.ok) throw new Error(read.reason);
    expect(read.rules.byName.get('code')).toBe(VARIABLE_TYPES.characterWithNumber2);
    expect(read.rules.otherwise).toBe(defaultVariableType('notice'));
    expect(readVariableRules(' ', 'code')).toMatchObject({ ok: true });
  });

  it.each([
    ['{', 'not_json'],
    ['[]', 'not_an_object'],
    ['null', 'not_an_object'],
    ['{"code":"unheardOf"}', 'unknown_type'],
    ['{"code":"toString"}', 'unknown_type'],
    ['{"code":1}', 'unknown_type'],
    ['{"1":"time"}', 'bad_name'],
    ['{"__proto__":"time"}', 'bad_name'],
    [`{"a":"${'x'.repeat(5_000)}"}`, 'too_many'],
    [JSON.stringify(Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`v${i}`, 'time']))), 'too_many'],
  ])('refuses case %# as %s', (json, reason) => {
    expect(readVariableRules(json, 'code')).toMatchObject({ ok: false, reason });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (json) => {
        expect(typeof readVariableRules(json, 'code').ok).toBe('boolean');
      }),
    );
  });
});

describe('VARIABLE_TYPES', () => {
  it.each([
    ['numberCaptcha', '123456', '1234567'],
    ['characterWithNumber2', 'a1B2', 'a-B2'],
    ['verifyTime', '15', '05'],
    ['phone_number2', '0571-82123000', '+86 10086'],
    ['mobile_phone', '13800138000', '12800138000'],
    ['money', '1,234.50', '12元'],
    ['time', '1月31日 下午2点', 'tomorrow'],
    ['name', '买买提·吐尔逊', 'Bob'],
    ['unit_name', '示例科技（杭州）', 'Example Ltd'],
    ['license_plate_number', '浙A12345', '浙A 12345'],
    ['tracking_number', 'SF1234567890123', 'SF-1'],
    ['pick_up_code', '1-2-3456', 'A123'],
    ['link_param', 'aB3', 'aB3/'],
    ['email_address', 'user@example.com', 'example.com'],
    ['others', '一切 ok', 'http://x'],
  ] as const)('%s takes %s and not %s', (name, good, bad) => {
    const rule = JSON.stringify({ v: name });
    expect(render(`值\${v}`, { v: good }, 'notice', rule)).toMatchObject({ ok: true });
    expect(render(`值\${v}`, { v: bad }, 'notice', rule)).toMatchObject({ ok: false });
  });

  it('names each type as its key', () => {
    for (const [key, type] of Object.entries(VARIABLE_TYPES)) expect(type.name).toBe(key);
  });
});
