import type { ApprovalState } from '../../trust/approvals/public.ts';

export type SignatureState = ApprovalState;

/** What the accept path judges by: step 5 of docs/life-of-a-message.md. */
export type SendableSignature = {
  id: string;
  name: string;
  /** May be used with templates for codes only (SignType 0). */
  codeOnly: boolean;
  state: SignatureState;
  qualificationApproved: boolean;
};

export type Signature = {
  id: string;
  name: string;
  /** SignSource of the wire, 0 to 5 (reference aliyun-openapi §7). */
  source: number;
  codeOnly: boolean;
  qualificationId: string;
  remark: string;
  state: SignatureState;
  reason: string | null;
  /** Of the newest application. */
  orderId: string;
  createdAt: Date;
  /** When the reviewer decided about the newest application; null until then. */
  decidedAt: Date | null;
  supplement: SignatureSupplement;
};

/** What a caller may say beside the form: kept, echoed, shown to the reviewer; nothing judges by it. */
export type SignatureSupplement = {
  /** Sent for somebody else; null when it was not said: the qualification tells then. */
  thirdParty: boolean | null;
  /** Where the signature is used: a site, an app, a shop. */
  applyScene: string;
  /** Names of further papers, in the caller's words. */
  moreData: readonly string[];
  authorizationLetterId: string | null;
  trademarkId: string | null;
  appIcpRecordId: string | null;
};

export const NO_SUPPLEMENT: SignatureSupplement = {
  thirdParty: null,
  applyScene: '',
  moreData: [],
  authorizationLetterId: null,
  trademarkId: null,
  appIcpRecordId: null,
};

/** SignFileList of AddSmsSign: a scan or picture that proves the name. */
export type SignatureFile = { suffix: string; contents: Buffer };

export type SignatureDraft = {
  name: string;
  source: number;
  codeOnly: boolean;
  /** Null through the old action names, which know none: the tenant's only approved one is meant then. */
  qualificationId: string | null;
  remark: string;
  files?: readonly SignatureFile[];
  /** Left out: what was said before stands. */
  supplement?: SignatureSupplement;
};

/** Applications of a day and signatures of a tenant: our bounds, so that one tenant cannot fill the queue. */
export const MAX_APPLICATIONS_A_DAY = 100;
export const MAX_SIGNATURES_A_TENANT = 1_000;
export const DAY_MS = 86_400_000;
export const MAX_FILES = 6;
export const MAX_FILE_OCTETS = 2 * 1024 * 1024;
export const MAX_REMARK_CHARACTERS = 200;
const SUFFIXES: readonly string[] = ['jpg', 'jpeg', 'png', 'gif'];

const NAME = /^[\p{Script=Han}A-Za-z0-9]{2,18}$/u;

/** 2 to 18 Han characters, Latin letters or digits, at least one of them no digit. */
export const isSignatureName = (name: string): boolean => NAME.test(name) && !/^[0-9]+$/.test(name);

export const isSource = (source: number): boolean => Number.isInteger(source) && source >= 0 && source <= 5;

/** SignSource by its number, as a reviewer is told it. */
export const SOURCES = ['enterprise', 'website', 'app', 'official_account', 'shop', 'trademark'] as const;

export type FileMediaType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'application/pdf'
  | 'application/octet-stream';

/** A file as its reviewer gets it; the name says what it is. */
export type ShownFile = { name: string; mediaType: FileMediaType; contents: Buffer };

// PNG 3rd edition §5.2, ISO 10918-1 B.1.1.3, GIF89a §17, ISO 32000-1 §7.5.2.
const FIRST_OCTETS: readonly (readonly [FileMediaType, suffix: string, hex: string])[] = [
  ['image/png', 'png', '89504e470d0a1a0a'],
  ['image/jpeg', 'jpg', 'ffd8ff'],
  ['image/gif', 'gif', '474946383761'],
  ['image/gif', 'gif', '474946383961'],
  ['application/pdf', 'pdf', '255044462d'],
];

const formOf = (contents: Buffer) =>
  FIRST_OCTETS.find(([, , hex]) => contents.subarray(0, hex.length / 2).toString('hex') === hex);

/** What a file is by its first octets, whatever its name says; what nothing is known of is only to be saved. */
export const sniffMediaType = (contents: Buffer): FileMediaType =>
  formOf(contents)?.[0] ?? 'application/octet-stream';

export const showFile = (signatureId: string, position: number, contents: Buffer): ShownFile => ({
  name: `signature-${signatureId}-${position + 1}.${formOf(contents)?.[1] ?? 'bin'}`,
  mediaType: sniffMediaType(contents),
  contents,
});

export type FileFault = 'too_many' | 'too_big' | 'empty' | 'suffix';

export function faultOfFiles(files: readonly SignatureFile[]): FileFault | undefined {
  if (files.length > MAX_FILES) return 'too_many';
  for (const { suffix, contents } of files) {
    if (!SUFFIXES.includes(suffix.toLowerCase())) return 'suffix';
    if (contents.length === 0) return 'empty';
    if (contents.length > MAX_FILE_OCTETS) return 'too_big';
  }
  return undefined;
}
