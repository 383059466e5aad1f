import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAddresses } from './addresses.ts';
import { findHandles } from './contacts.ts';
import { createEngine } from './engine.ts';
import { buildFolding } from './folding.ts';
import type { MessageKind, ScreenContext } from './model.ts';
import { findNumbers } from './numbers.ts';
import { newReading, restore } from './restoration.ts';

const folder = new URL('../lexicons/', import.meta.url);
const lexicons = readdirSync(folder)
  .filter((name) => name.endsWith('.tsv'))
  .sort()
  .map((name) => readFileSync(new URL(name, folder)));
const engine = createEngine({ lexicons });
const screenAs = (messageKind: MessageKind, text: string, rest?: Partial<ScreenContext>) =>
  engine.screen(text, { messageKind, signName: '', ...rest });

const HONEST: readonly [MessageKind, string][] = [
  ['code', '【示例网】您的验证码是482913，5分钟内有效，请勿泄露给任何人。'],
  ['code', '【示例银行】动态密码731204，您正在向尾号0931的账户转账2,000.00元。谨防诈骗，切勿告知他人。'],
  ['code', '【示例支付】验证码 660182，用于修改支付密码。如非本人操作，请致电95188。'],
  ['code', '【示例邮箱】登录验证码：4821。若非本人操作请忽略本短信。'],
  ['international', '482913 is your Example verification code. Do not share it with anyone.'],
  [
    'international',
    'Your Example parcel will arrive today between 2pm and 4pm. Track: https://example.com/t/88',
  ],
  ['notice', '【示例银行】您尾号0931的储蓄卡11月21日18:02消费人民币128.50元，余额3,402.17元。'],
  ['notice', '【示例银行】您的信用卡本期账单1,204.55元，最低还款120.46元，到期还款日12月8日。'],
  ['notice', '【示例银行】您的个人住房贷款将于12月20日扣款，本息合计4,077.87元，请保持余额充足。'],
  ['notice', '【示例银行】尊敬的客户，您的积分将于12月31日到期，可登录手机银行查询。'],
  ['notice', '【示例速递】您的包裹已到南门驿站，取件码6-2-1187，请于今日20点前领取。'],
  ['notice', '【示例速递】快递员小王13800138000正在为您派送，如需改时间请直接联系。'],
  ['notice', '【市一医院】您预约的11月25日上午心内科门诊已成功，请携带医保卡到二楼取号。'],
  ['notice', '【市一医院】您的检验报告已出，性激素六项结果请到门诊咨询医生。'],
  [
    'notice',
    '【反诈中心】近期刷单返利、冒充客服退款、虚假贷款诈骗高发，请勿轻信陌生来电，勿向安全账户转账。',
  ],
  ['notice', '【市公安局】警方提醒：网络赌博、百家乐、六合彩均为违法犯罪，请远离，发现线索请举报。'],
  ['notice', '【市公安局】警惕“无抵押贷款”骗局：凡放款前要求缴纳解冻费的都是诈骗。咨询请拨96110。'],
  ['notice', '【示例银行】切勿点击自称“积分兑换现金”的短信链接，我行不会以短信索要密码。'],
  ['notice', '【体彩中心】您购买的大乐透第26130期已开奖，详情请到销售点查询。'],
  ['notice', '【示例中学】家长您好，明日下午四点召开家长会，请准时到校。'],
  ['notice', '【供电公司】您户本月电费203.18元，已从绑定账户扣款成功。'],
  ['notice', '【航空】您乘坐的CZ1234航班因天气原因延误，预计16:40起飞，改签请致电95539。'],
  ['notice', '【铁路客服】您已购11月28日G101次5车12A号，北京南08:36开。'],
  ['notice', '【税务局】您的个人所得税综合所得年度汇算退税申请已受理，可在个人所得税APP查询进度。'],
  ['notice', '【示例商城】您的电子发票已开具，可在订单详情下载，发票抬头：示例科技有限公司。'],
  ['notice', '【物业】停水通知：11月23日9时至17时因管道检修停水，请提前储水。'],
  ['notice', '【示例出行】司机已接单，车牌号京A12345，车型白色轿车，预计4分钟到达。'],
  ['notice', '祝您情人节快乐！白色情人节的礼物已经寄出，注意查收哦。'],
  ['notice', '【示例学车】您的驾驶证科目二考试预约成功，11月30日8:00，请携带身份证件。'],
  ['marketing', '【示例超市】周末全场满200减50，牛奶买二送一，详询门店4008001234，回复TD退订。'],
  ['marketing', '【示例影城】会员日观影19.9元起，爆米花半价，限时三天，拒收请回复R。'],
  ['international', 'Ваш код подтверждения: 4821. Никому его не сообщайте.'],
];

describe('honest messages', () => {
  it.each(HONEST)('%s: %s', (kind, text) => {
    const { verdict, scores, spans } = screenAs(kind, text);
    expect({ verdict, why: verdict === 'pass' ? [] : [scores, spans] }).toEqual({ verdict: 'pass', why: [] });
  });
});

describe('obvious offences', () => {
  it.each([
    ['gambling', '真人百家乐，注册送彩金，天天返水，登录 x7k2p9.top'],
    ['fraud', '恭喜您中奖，被栏目组抽选为场外幸运观众，登录 k3m9z.cc 领取奖金'],
    ['fraud', '兼职刷单返佣，日赚千元，加微信 abc12345'],
    ['pornography', '本地学生妹上门服务，包您满意，电话13800138000'],
    ['prohibited', '代开发票，各行业发票，验证后付款，13800138000'],
    ['prohibited', '办证刻章，各类文凭，货到付款'],
    ['malicious', '短信轰炸 呼死你 接单 加QQ 123456789'],
  ])('are held or refused as %s', (label, text) => {
    const { verdict, labels } = screenAs('marketing', text);
    expect(labels[0]).toBe(label);
    expect(verdict).not.toBe('pass');
  });

  it('are held when a warning is only a cloak: a warning never gives a private contact', () => {
    expect(screenAs('notice', '谨防诈骗！正规百家乐平台，加微信 abc12345').labels).toContain('gambling');
  });

  it('keep lending for a person to see in a marketing message', () => {
    expect(screenAs('marketing', '无抵押贷款，当天放款，电话13800138000')).toMatchObject({
      verdict: 'review',
      labels: ['restricted'],
    });
  });
});

describe('disguises of one word', () => {
  it.each([
    '百家乐',
    '百家樂',
    '百\u200b家\u2060乐',
    '百 家 乐',
    '百*家*乐',
    '百😀家🎲乐',
    '百，家，乐',
    '百\u0336家\u0336乐',
    '百丶家丶乐',
    'online casino',
    'ｏｎｌｉｎｅ　ｃａｓｉｎｏ',
    'оnlіnе саsіnо',
    '𝓸𝓷𝓵𝓲𝓷𝓮 𝓬𝓪𝓼𝓲𝓷𝓸',
    'ⓞⓝⓛⓘⓝⓔ ⓒⓐⓢⓘⓝⓞ',
    'onl\u00adine ca\u0301sino',
    'bet③⑥⑤',
    'bеt❸❻❺',
    'b.e.t365',
  ])('%s', (word) => {
    const text = `欢迎 ${word} 您`;
    const { labels, spans } = screenAs('marketing', text);
    expect(labels).toContain('gambling');
    expect(spans.every(({ start, end }) => start >= 2 && end <= text.length - 1 && start < end)).toBe(true);
  });
});

describe('evidence', () => {
  it('points into the text that was passed in', () => {
    const text = '看\u200b：百\u200b家\u200b樂 ok';
    const span = screenAs('notice', text).spans.find(({ restored }) => restored === '百家乐');
    expect(text.slice(span!.start, span!.end)).toContain('百\u200b家\u200b樂');
    expect(span).toMatchObject({ restored: '百家乐', label: 'gambling' });
    expect(span!.rule).toMatch(/^lexicon:gambling\/\d{4}$/);
  });

  it('weighs what the caller typed more than reviewed template text', () => {
    const text = '您好，百家乐';
    const typed = screenAs('notice', text, { variableSpans: [{ start: 3, end: 6 }] });
    const reviewed = screenAs('notice', text, { variableSpans: [{ start: 0, end: 2 }] });
    expect(typed.scores.gambling).toBeGreaterThan(reviewed.scores.gambling!);
  });

  it('holds a code message whose variable is an address', () => {
    const text = '您的验证码是x7k2p9.top，5分钟有效';
    expect(screenAs('code', text, { variableSpans: [{ start: 6, end: 16 }] })).toMatchObject({
      verdict: 'review',
      labels: ['fraud'],
    });
    expect(
      screenAs('code', '您的验证码是482913，5分钟有效', { variableSpans: [{ start: 6, end: 12 }] }).verdict,
    ).toBe('pass');
  });
});

describe('any text at all', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const bait = fc.constantFrom(
    '百家乐',
    '加微信',
    'abc123',
    '.com',
    '。',
    '点',
    '@',
    '://',
    '谨防',
    '\u0301',
    '😀',
    ' ',
    '138',
    '發票',
  );
  const texts = fc.string({ unit: fc.oneof(unit, bait), maxLength: 120 });

  it('gives a result whose parts fit together', () => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom<MessageKind>('code', 'notice', 'marketing', 'international'),
        (text, kind) => {
          const { restored, offsets, spans, scores, features } = screenAs(kind, text);
          expect(offsets.length).toBe(restored.length + 1);
          expect(offsets[restored.length]).toBe(text.length);
          for (const score of Object.values(scores)) expect(score >= 0 && score <= 1).toBe(true);
          for (const { start, end } of [
            ...spans,
            ...features.urls,
            ...features.contacts,
            ...features.emails,
            ...features.numbers,
          ]) {
            expect(start >= 0 && start < end && end <= text.length).toBe(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('leaves nothing behind for the next text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const before = screenAs('notice', '代开发票 abc.com');
        screenAs('notice', text);
        expect(screenAs('notice', '代开发票 abc.com')).toEqual(before);
      }),
    );
  });

  it.each([
    'a',
    '百家乐',
    '1',
    'a.',
    '点',
    '@a',
    'ﷺ',
    'e\u0301',
    '\ud800',
    '微信',
    '谨防百家乐。',
    'а',
    '一',
    '. ',
  ])('keeps what it returns bounded for a long run of %j', (piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    const { spans, features, offsets, restored } = screenAs('notice', text);
    expect(spans.length).toBeLessThan(300);
    expect(features.urls.length + features.numbers.length + features.contacts.length).toBeLessThanOrEqual(
      192,
    );
    expect(offsets.length).toBe(restored.length + 1);
    expect(restored.length).toBeLessThanOrEqual(18 * text.length);
  });
});

describe('the work', () => {
  it('is linear in every scanner: reads of units are counted, not timed', () => {
    for (const piece of ['1 2 ', 'a.', 'www.', '1', '一', '@a', 'a@', '点a', '1-', 'a/']) {
      const [short, long] = [20_000, 40_000].map((size) => unitReads(piece.repeat(size / piece.length)));
      expect({ piece, growth: long! / short! }).toEqual({ piece, growth: expect.closeTo(2, 1) });
    }
  });
});

/** Reads of restored units by the feature scanners, counted through a proxy. */
function unitReads(text: string): number {
  const folding = buildFolding(new Map());
  const reading = newReading(8);
  restore(folding, text, reading);
  let reads = 0;
  const units = new Proxy(reading.units, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const counted = { ...reading, units };
  findNumbers(folding, counted);
  findAddresses(folding, counted);
  findHandles(
    counted,
    (index) => index,
    (index) => index,
  );
  return reads;
}

describe('the engine version', () => {
  it('is the same for the same parts and another for others', () => {
    expect(createEngine({ lexicons }).version).toBe(engine.version);
    expect(createEngine({ lexicons: lexicons.slice(1) }).version).not.toBe(engine.version);
    expect(engine.version).toMatch(/^[0-9a-f]{16}$/);
  });
});
