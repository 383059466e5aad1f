// Ends of host names that messages carry. A bare "name.end" counts as a link only with one of them, or "v1.0",
// "3.5元" and "Mr.Li" would.
const DOMAIN_ENDS =
  'com|cn|net|org|edu|gov|info|biz|xyz|vip|online|tech|icu|cc|co|io|tv|ai|app|dev|ly|gl|hk|tw|mo|sg|jp|kr|uk|eu|de|fr|' +
  'ru|ink|ltd|mobi|asia|wang|ren|pw';
// Ends that are also words: not after a full stop without its blank ("Thanks.In case"), so not capitalised.
const WORD_ENDS = 'top|shop|site|club|store|fun|link|live|work|me|us|in|to|im|pro|win|bid|loan|click';

// The look-behinds forbid a start inside a host name, so each is scanned once; and inside an e-mail address.
const HOST_START = '(?<![A-Za-z0-9.-])(?<![A-Za-z0-9._%+-]@)(?:[A-Za-z0-9-]+\\.)+';
const SCHEME = /(?<![a-z])[a-z]{2,10}:\/\//i;
const WWW = /(?<![a-z0-9])www\.[a-z0-9]/i;
const HOST = new RegExp(`${HOST_START}(?:${DOMAIN_ENDS})(?![a-z0-9-])`, 'i');
const WORD_HOST = new RegExp(`${HOST_START}(?:${WORD_ENDS}|${WORD_ENDS.toUpperCase()})(?![A-Za-z0-9-])`);
const CHINESE_HOST = /[\p{Script=Han}a-z0-9-]\.(?:中国|公司|网络|网址|商城|在线)/iu;
const ADDRESS = /(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:[:/])/;

/**
 * Whether `text` carries a link: a scheme, `www.`, a host name with a known end, or an IP address with a port or a
 * path. Full-width letters count as their plain form. Disguises beyond that are the content engine's matter.
 */
export function hasLink(text: string): boolean {
  const plain = /[\uff01-\uff5e。｡]/.test(text) ? text.normalize('NFKC').replaceAll('。', '.') : text;
  if (!plain.includes('.') && !plain.includes('://')) return false;
  return [SCHEME, WWW, HOST, WORD_HOST, CHINESE_HOST, ADDRESS].some((link) => link.test(plain));
}
