/**
 * Message ids change form between submit_sm_resp and the receipt: hexadecimal there and decimal here, leading zeros
 * lost, letters in another case. A submit is stored under ONE key; a receipt asks for a few.
 */

/** Longest number that is converted between bases: message_id holds at most 64 characters (clause 5.2.23). */
const MAX_DIGITS = 64;

const HEXADECIMAL = /^[0-9a-f]+$/i;
const DECIMAL = /^[0-9]+$/;

const withoutLeadingZeros = (digits: string): string => digits.replace(/^0+(?=.)/, '');

/**
 * The key under which a submit's message id is stored: digits and hexadecimal digits in lower case without leading
 * zeros; any other id as it is, without surrounding blanks. '' stays '' and must never be looked up.
 */
export const storedIdKey = (messageId: string): string => {
  const id = messageId.trim();
  return HEXADECIMAL.test(id) ? withoutLeadingZeros(id.toLowerCase()) : id;
};

const decimalToHex = (digits: string): string =>
  digits.length <= 15 ? Number(digits).toString(16) : BigInt(digits).toString(16);

const hexToDecimal = (digits: string): string =>
  digits.length <= 13 ? Number.parseInt(digits, 16).toString() : BigInt(`0x${digits}`).toString();

/**
 * The keys under which the submit of a receipt may be stored, best first: the id as it is, then as if the response
 * had been hexadecimal and the receipt decimal (the common mismatch), then the reverse. At most three, [] for ''.
 * The later ones are guesses: another message can own them, so the caller takes the first key that names a message
 * of this carrier, to this destination, still without a final state.
 */
export const candidateIds = (messageId: string): string[] => {
  const key = storedIdKey(messageId);
  if (key === '') return [];
  const keys = [key];
  if (key.length <= MAX_DIGITS) {
    if (DECIMAL.test(key)) keys.push(decimalToHex(key));
    if (HEXADECIMAL.test(key)) keys.push(hexToDecimal(key));
  }
  return [...new Set(keys)];
};
