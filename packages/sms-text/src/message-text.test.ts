import { describe, expect, it } from 'vitest';
import {
  isOptOut,
  MAX_MESSAGE_CHARACTERS,
  OPT_OUT_LINE,
  OPT_OUT_WORDS,
  visibleText,
} from './message-text.ts';

describe('message text', () => {
  it('carries the signature in its brackets', () => {
    expect(visibleText('示例', '你好')).toBe('【示例】你好');
    expect(MAX_MESSAGE_CHARACTERS).toBe(500);
    expect(OPT_OUT_LINE).toBe('拒收请回复R');
  });
});

describe('isOptOut', () => {
  it.each([
    'T',
    't',
    'TD',
    ' td。',
    'Ｔ',
    'ｔｄ',
    'R',
    'r.',
    'N',
    '退订',
    '“退订”',
    '回T',
    '回复TD',
    '回T退订',
    'STOP',
    'Stop!',
    'unsubscribe',
  ])('hears %j', (text) => {
    expect(isOptOut(text)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '.',
    'Thanks',
    'TT',
    'no',
    'not',
    '1',
    '退订吗我没订过',
    'R2',
    'T恤',
    'please stop calling my brother',
    `${' '.repeat(40)}T`,
  ])('does not hear %j', (text) => {
    expect(isOptOut(text)).toBe(false);
  });

  it('hears every word of its list, written folded', () => {
    expect(new Set(OPT_OUT_WORDS).size).toBe(OPT_OUT_WORDS.length);
    for (const word of OPT_OUT_WORDS) expect([word, isOptOut(word.toLowerCase())]).toEqual([word, true]);
  });
});
