import { describe, expect, it } from 'vitest';
import { hasLink } from './links.ts';

describe('hasLink', () => {
  it.each([
    'http://a',
    'HTTPS://EXAMPLE.COM',
    'weixin://dl',
    'www.example',
    'example.com',
    '请登录example.cn领取',
    'EXAMPLE.COM',
    'a.b.c.d.e.f.g.h.i.j.example.net/x',
    't.me/x',
    '@example.com',
    '示例.中国',
    'ｅｘａｍｐｌｅ．ｃｏｍ',
    'example。com',
    '127.0.0.1:80',
    '127.0.0.1/x',
  ])('finds one in %j', (text) => {
    expect(hasLink(text)).toBe(true);
  });

  it.each([
    '',
    '3.5元',
    'v1.0.2',
    '127.0.0.1',
    'Mr.Li',
    'Thanks.In case',
    '2026.01.31',
    '你好。再见',
    'user@example.com',
    'a/b',
    '...com...',
  ])('finds none in %j', (text) => {
    expect(hasLink(text)).toBe(false);
  });
});
