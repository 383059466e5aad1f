/**
 * Glyph tables that NFKC does not cover. Each string pairs a target with the glyphs that are read as it.
 *
 * Why not npm `confusables`: of its 2,028 single characters left after NFKC, it reads 〇, 丁, 七, 下, 山, 刀, 乙,
 * kana, € and £ as Latin letters, which would damage honest Chinese and prices. Only shapes that are
 * interchangeable in common fonts (UTS #39 skeletons) are listed here, and letters of living scripts are
 * restored by context only (see restoration.ts).
 */

/** Letters of other scripts that look like Latin ones; restored only in words that pose as Latin. */
export const LOOKALIKES: readonly (readonly [string, string])[] = [
  ['A', 'АΑᎪꓮ'],
  ['B', 'ВΒᏴꓐ'],
  ['C', 'СᏟꓚⲤϹ'],
  ['D', 'Ꭰꓓ'],
  ['E', 'ЕΕᎬꓰ'],
  ['F', 'ꓝϜ'],
  ['G', 'Ꮐꓖ'],
  ['H', 'НΗᎻꓧⲎ'],
  ['I', 'ІΙꓲӀⲒ'],
  ['J', 'ЈᎫꓙͿ'],
  ['K', 'КΚᏦꓗⲔ'],
  ['L', 'Ꮮꓡ'],
  ['M', 'МΜᎷꓟⲘϺ'],
  ['N', 'Νꓠ'],
  ['O', 'ОΟꓳⲞՕ'],
  ['P', 'РΡᏢꓑⲢ'],
  ['Q', 'Ԛ'],
  ['R', 'Ꭱꓣ'],
  ['S', 'ЅᏚꓢՏ'],
  ['T', 'ТΤᎢꓔⲦ'],
  ['U', 'ꓴՍ'],
  ['V', 'Ꮩꓦ'],
  ['W', 'ᎳꓪԜ'],
  ['X', 'ХΧꓫⲬ'],
  ['Y', 'УΥҮᎽꓬⲨ'],
  ['Z', 'ΖᏃꓜ'],
  ['a', 'аα'],
  ['b', 'в'],
  ['c', 'сϲⲥ'],
  ['d', 'ԁ'],
  ['e', 'еҽ'],
  ['g', 'ց'],
  ['h', 'һհн'],
  ['i', 'іι'],
  ['j', 'јϳ'],
  ['k', 'кκⲕ'],
  ['l', 'ӏ'],
  ['m', 'м'],
  ['n', 'ո'],
  ['o', 'оοօⲟ'],
  ['p', 'рρⲣ'],
  ['q', 'ԛզ'],
  ['s', 'ѕ'],
  ['t', 'тτ'],
  ['u', 'սυ'],
  ['v', 'ѵν'],
  ['w', 'ԝω'],
  ['x', 'хχ'],
  ['y', 'уүγ'],
];

/** Scripts of LOOKALIKES as code unit ranges; a text with real words of a script keeps that script's letters. */
export const SCRIPT_RANGES: readonly (readonly [number, number])[] = [
  [0x0370, 0x03ff],
  [0x0400, 0x052f],
  [0x0531, 0x0587],
  [0x13a0, 0x13f5],
  [0xa4d0, 0xa4f7],
  [0x2c80, 0x2cff],
];

/** Latin letters in unusual dress and other signs with one reading, in any context. */
export const UNCONDITIONAL: readonly (readonly [string, string])[] = [
  ['a', 'ᴀɑᶏ'],
  ['b', 'ᴃʙƀƄɓ'],
  ['c', 'ᴄƈ'],
  ['d', 'ᴅđɖɗ'],
  ['e', 'ᴇɛǝə'],
  ['f', 'ꜰƒ'],
  ['g', 'ɢɡǥɠ'],
  ['h', 'ʜħɦ'],
  ['i', 'ɪɩıɨ'],
  ['j', 'ᴊȷɉ'],
  ['k', 'ᴋƙ'],
  ['l', 'ʟłɫ'],
  ['m', 'ᴍɱ'],
  ['n', 'ɴɲƞ'],
  ['o', 'ᴏøɵ'],
  ['p', 'ᴘƥ'],
  ['q', 'ɋ'],
  ['r', 'ʀɍ'],
  ['s', 'ꜱʂ'],
  ['t', 'ᴛŧƭ'],
  ['u', 'ᴜʉ'],
  ['v', 'ᴠʋ'],
  ['w', 'ᴡ'],
  ['y', 'ʏƴ'],
  ['z', 'ᴢƶ'],
  ['D', 'Ɖ'],
  ['L', 'Ł'],
  ['O', 'Ø'],
  ['+', '➕✚✛✜'],
  ['Q', '🆀🅠'],
  ['0', '⓿🄌'],
  ['1', '⓵➊❶➀'],
  ['2', '⓶➋❷➁'],
  ['3', '⓷➌❸➂'],
  ['4', '⓸➍❹➃'],
  ['5', '⓹➎❺➄'],
  ['6', '⓺➏❻➅'],
  ['7', '⓻➐❼➆'],
  ['8', '⓼➑❽➇'],
  ['9', '⓽➒❾➈'],
  ['10', '⓾❿➓➉🔟'],
];

/** First code points of the negative circled and negative squared Latin capitals, 26 each (no NFKC mapping). */
export const CAPITAL_RUNS: readonly number[] = [0x1f150, 0x1f170];

/**
 * Traditional forms that are standard simplified characters too (通用规范汉字表), mostly in names:
 * folding them would change honest simplified text.
 */
export const KEEP_TRADITIONAL = '乾於昇陞釐谿脩祕氾';

/** Ranges of marks that only decorate a base character. Marks of Indic, Thai, Arabic or Hebrew scripts spell words and stay. */
export const DECORATION_RANGES: readonly (readonly [number, number])[] = [
  [0x00ad, 0x00ad],
  [0x0300, 0x036f],
  [0x0483, 0x0489],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x20d0, 0x20ff],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d167, 0x1d182],
  [0xe0000, 0xe0fff],
];

/** Han strokes that are used as dots and bars between characters. */
export const STROKE_SEPARATORS = '丶丨亅丿乀乁';

/** Full-width punctuation that is the ordinary one in Chinese text; NFKC would turn it into ASCII. */
export const CHINESE_PUNCTUATION = '，！？：；（）';
