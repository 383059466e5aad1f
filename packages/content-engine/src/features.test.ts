import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEngine } from './engine.ts';

const contacts = readFileSync(new URL('../lexicons/contacts.tsv', import.meta.url));
const engine = createEngine({ lexicons: [contacts] });
const featuresOf = (text: string) => engine.screen(text, { messageKind: 'notice', signName: '' }).features;

describe('web addresses', () => {
  it.each([
    ['点击 https://example.com/a?b=1 查看', 'example.com', false],
    ['登录www.example.cn查询', 'www.example.cn', false],
    ['见 t.cn/AbC12。', 't.cn', false],
    ['访问abc123。com领取', 'abc123.com', true],
    ['访问abc点com', 'abc.com', true],
    ['访问 abc . com', 'abc.com', true],
    ['访问ａｂｃ．ｃｏｍ', 'abc.com', false],
    ['a𝐛c①.𝕔𝕔', 'abc1.cc', false],
    ['http://192.0.2.7/x', '192.0.2.7', false],
  ])('are found in %s', (text, host, disguised) => {
    expect(featuresOf(text).urls).toMatchObject([{ host, disguised }]);
  });

  it.each(['余额12.50元', 'version 1.2.3', 'See you.me too', '十点。com', '2026.11.22', 'Mr.Li said hi.'])(
    'are not seen in %s',
    (text) => {
      expect(featuresOf(text).urls).toEqual([]);
    },
  );

  it('are told apart by how they were registered', () => {
    const throwaway = (text: string) => featuresOf(text).urls[0]?.throwaway;
    expect(throwaway('x7k2p9.top/a')).toBe(true);
    expect(throwaway('www.example.com')).toBe(false);
    expect(throwaway('www.12306.cn')).toBe(false);
  });

  it('span the source, scheme included', () => {
    const text = '点 http://example.com/x 看';
    const [url] = featuresOf(text).urls;
    expect(text.slice(url!.start, url!.end)).toBe('http://example.com/x');
  });
});

describe('contacts', () => {
  it.each([
    ['加微信 abc12345', 'wechat', 'abc12345'],
    ['V信：ｗｘ＿8８99', 'wechat', 'wx_8899'],
    ['加 薇 a b c 1 2 3', 'wechat', 'abc123'],
    ['QQ号：123456789', 'qq', '123456789'],
    ['扣扣❶②③④⑤⑥', 'qq', '123456'],
    ['Telegram: @someone99', 'telegram', 'someone99'],
    ['联系 @someone_99 谈', 'telegram', 'someone_99'],
  ])('are found in %s', (text, channel, value) => {
    expect(featuresOf(text).contacts).toMatchObject([{ channel, value }]);
  });

  it.each(['微信支付验证码 131026', '请关注微信公众号', 'QQ会员服务', '回复@TD退订', 'wxPython'])(
    'are not seen in %s',
    (text) => {
      expect(featuresOf(text).contacts).toEqual([]);
    },
  );

  it('and e-mail addresses are not mixed up', () => {
    expect(featuresOf('mail jane.doe@example.com now')).toMatchObject({
      emails: [{ value: 'jane.doe@example.com' }],
      urls: [],
      contacts: [],
    });
  });
});

describe('numbers', () => {
  it.each([
    ['电话138-0013-8000', 'mobile', '13800138000'],
    ['电话１３８ ００１３ ８０００', 'mobile', '13800138000'],
    ['电话一三八零零一三八零零零', 'mobile', '13800138000'],
    ['热线400-800-1234', 'service', '4008001234'],
    ['致电95588', 'service', '95588'],
    ['座机010-12345678', 'landline', '01012345678'],
    ['验证码482913', 'code', '482913'],
    ['扣款598元', 'amount', '598'],
    ['¥98', 'amount', '98'],
  ])('in %s are a %s', (text, kind, value) => {
    expect(featuresOf(text).numbers).toMatchObject([{ kind, value }]);
  });
});
