import type { SignatureFile } from '../../../modules/sms/signatures/public.ts';
import { businessError } from '../errors.ts';
import { type Params, repeatedParam } from '../params.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** How browsers hand a file over; some callers pass it on as it is. */
const DATA_URL = /^data:[a-z]{1,20}\/[a-z0-9.+-]{1,80};base64,/;

const unreadable = () =>
  businessError(
    'isv.SIGN_FILE_LIMIT',
    '签名文件不合法 (each file has FileContents in base64 and a FileSuffix)',
  );

/** Decodes SignFileList.N.FileContents and .FileSuffix. Throws isv.SIGN_FILE_LIMIT; bounds are the module's rule. */
export const readSignFiles = (params: Params): SignatureFile[] =>
  repeatedParam(params, 'SignFileList').map((element) => {
    if (typeof element === 'string') throw unreadable();
    const contents = (element.get('FileContents') ?? '').replace(DATA_URL, '');
    if (!BASE64.test(contents)) throw unreadable();
    return { suffix: element.get('FileSuffix') ?? '', contents: Buffer.from(contents, 'base64') };
  });
