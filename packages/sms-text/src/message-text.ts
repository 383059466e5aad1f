/** Longest message in characters (UTF-16 units), `【sign】` included (Alibaba Dysmsapi, length rules). */
export const MAX_MESSAGE_CHARACTERS = 500;

/** Line that tells the recipient how to refuse marketing; it counts into the length. */
export const OPT_OUT_LINE = '拒收请回复R';

/** What the phone shows: the signature in its brackets, then the content. */
export function visibleText(signName: string, content: string): string {
  return `【${signName}】${content}`;
}

/**
 * Whole replies that mean refusal, in the folded form of {@link isOptOut}: the letters that carriers and vendors
 * name, the Chinese words, people's literal "回T退订" after the usual line, and the words customary abroad.
 */
export const OPT_OUT_WORDS: readonly string[] = [
  ...['T', 'TD', 'R', 'N', 'QX'].flatMap((word) => [
    word,
    `回${word}`,
    `回复${word}`,
    `回${word}退订`,
    `回复${word}退订`,
  ]),
  ...['退订', '退訂', '拒收', '取消订阅', '取消', '不要再发', '回复退订', '我要退订'],
  ...[
    'STOP',
    'STOPALL',
    'STOP ALL',
    'UNSUBSCRIBE',
    'CANCEL',
    'END',
    'QUIT',
    'REVOKE',
    'OPTOUT',
    'OPT OUT',
    'OPT-OUT',
  ],
];

const MAX_OPT_OUT_CHARACTERS = 32;
const EDGES = /^[\s\p{P}]+|[\s\p{P}]+$/gu;

/**
 * Whether a reply refuses further messages. The whole reply must be one of {@link OPT_OUT_WORDS}, case, width,
 * blanks and punctuation around it aside: "ｔｄ。" is, "Thanks" is not.
 */
export function isOptOut(text: string): boolean {
  if (text.length > MAX_OPT_OUT_CHARACTERS) return false;
  return OPT_OUT_WORDS.includes(text.normalize('NFKC').replace(EDGES, '').toUpperCase());
}
