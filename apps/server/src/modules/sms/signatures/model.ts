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
