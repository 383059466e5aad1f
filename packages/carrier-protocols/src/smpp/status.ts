/**
 * SMPP 3.4 command_status (clause 5.1.3): what the peer's answer means for the message and for the link.
 *
 * `outcome` judges the message; `throttled` judges the link. They are apart because ESME_RTHROTTLED says nothing
 * about the message: it goes again unchanged, only later and slower.
 */
export type StatusOutcome = 'accepted' | 'retryable' | 'final';

export type StatusRow = {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  readonly outcome: StatusOutcome;
  readonly throttled: boolean;
};

const row = (code: number, name: string, meaning: string, outcome: StatusOutcome = 'final'): StatusRow => ({
  code,
  name,
  meaning,
  outcome,
  throttled: name === 'ESME_RTHROTTLED',
});

/** Retryable are only the answers that blame the peer's momentary condition, never the message itself. */
const ROWS: readonly StatusRow[] = [
  row(0x00, 'ESME_ROK', 'no error', 'accepted'),
  row(0x01, 'ESME_RINVMSGLEN', 'message length is invalid'),
  row(0x02, 'ESME_RINVCMDLEN', 'command length is invalid'),
  row(0x03, 'ESME_RINVCMDID', 'invalid command id'),
  row(0x04, 'ESME_RINVBNDSTS', 'incorrect bind status for the given command', 'retryable'),
  row(0x05, 'ESME_RALYBND', 'already in bound state'),
  row(0x06, 'ESME_RINVPRTFLG', 'invalid priority flag'),
  row(0x07, 'ESME_RINVREGDLVFLG', 'invalid registered delivery flag'),
  row(0x08, 'ESME_RSYSERR', 'system error', 'retryable'),
  row(0x0a, 'ESME_RINVSRCADR', 'invalid source address'),
  row(0x0b, 'ESME_RINVDSTADR', 'invalid destination address'),
  row(0x0c, 'ESME_RINVMSGID', 'invalid message id'),
  row(0x0d, 'ESME_RBINDFAIL', 'bind failed'),
  row(0x0e, 'ESME_RINVPASWD', 'invalid password'),
  row(0x0f, 'ESME_RINVSYSID', 'invalid system id'),
  row(0x11, 'ESME_RCANCELFAIL', 'cancel_sm failed'),
  row(0x13, 'ESME_RREPLACEFAIL', 'replace_sm failed'),
  row(0x14, 'ESME_RMSGQFUL', 'message queue full', 'retryable'),
  row(0x15, 'ESME_RINVSERTYP', 'invalid service type'),
  row(0x33, 'ESME_RINVNUMDESTS', 'invalid number of destinations'),
  row(0x34, 'ESME_RINVDLNAME', 'invalid distribution list name'),
  row(0x40, 'ESME_RINVDESTFLAG', 'invalid destination flag'),
  row(0x42, 'ESME_RINVSUBREP', 'invalid submit with replace request'),
  row(0x43, 'ESME_RINVESMCLASS', 'invalid esm_class'),
  row(0x44, 'ESME_RCNTSUBDL', 'cannot submit to a distribution list'),
  row(0x45, 'ESME_RSUBMITFAIL', 'submit failed'),
  row(0x48, 'ESME_RINVSRCTON', 'invalid source address TON'),
  row(0x49, 'ESME_RINVSRCNPI', 'invalid source address NPI'),
  row(0x50, 'ESME_RINVDSTTON', 'invalid destination address TON'),
  row(0x51, 'ESME_RINVDSTNPI', 'invalid destination address NPI'),
  row(0x53, 'ESME_RINVSYSTYP', 'invalid system_type'),
  row(0x54, 'ESME_RINVREPFLAG', 'invalid replace_if_present flag'),
  row(0x55, 'ESME_RINVNUMMSGS', 'invalid number of messages'),
  row(0x58, 'ESME_RTHROTTLED', 'throttled: the allowed message rate is exceeded', 'retryable'),
  row(0x61, 'ESME_RINVSCHED', 'invalid scheduled delivery time'),
  row(0x62, 'ESME_RINVEXPIRY', 'invalid validity period'),
  row(0x63, 'ESME_RINVDFTMSGID', 'predefined message id is invalid or not found'),
  row(0x64, 'ESME_RX_T_APPN', 'temporary application error at the receiver', 'retryable'),
  row(0x65, 'ESME_RX_P_APPN', 'permanent application error at the receiver'),
  row(0x66, 'ESME_RX_R_APPN', 'receiver rejected the message'),
  row(0x67, 'ESME_RQUERYFAIL', 'query_sm failed'),
  row(0xc0, 'ESME_RINVOPTPARSTREAM', 'error in the optional part of the body'),
  row(0xc1, 'ESME_ROPTPARNOTALLWD', 'optional parameter not allowed'),
  row(0xc2, 'ESME_RINVPARLEN', 'invalid parameter length'),
  row(0xc3, 'ESME_RMISSINGOPTPARAM', 'expected optional parameter missing'),
  row(0xc4, 'ESME_RINVOPTPARAMVAL', 'invalid optional parameter value'),
  row(0xfe, 'ESME_RDELIVERYFAILURE', 'delivery failure (data_sm_resp)'),
  row(0xff, 'ESME_RUNKNOWNERR', 'unknown error', 'retryable'),
];

const ROW_BY_CODE: ReadonlyMap<number, StatusRow> = new Map(ROWS.map((entry) => [entry.code, entry]));

/**
 * The row of a command_status. A code that the table lacks (reserved, or vendor specific 0x400–0x4FF) is a final
 * rejection named `ESME_0x…`: resending what a vendor refused for an unknown cause can bill twice.
 */
export const statusRow = (code: number): StatusRow =>
  ROW_BY_CODE.get(code) ?? {
    code,
    name: `ESME_0x${code.toString(16).padStart(8, '0')}`,
    meaning: 'reserved or vendor specific',
    outcome: 'final',
    throttled: false,
  };

/** Every row of the table, in order of code. */
export const statusRows = (): readonly StatusRow[] => ROWS;

/** The command_status values that this package itself answers with. */
export const STATUS = {
  ok: 0x00,
  invalidMessageLength: 0x01,
  invalidCommandLength: 0x02,
  invalidCommandId: 0x03,
  invalidBindState: 0x04,
  alreadyBound: 0x05,
  systemError: 0x08,
  invalidSourceAddress: 0x0a,
  invalidDestinationAddress: 0x0b,
  invalidMessageId: 0x0c,
  bindFailed: 0x0d,
  invalidPassword: 0x0e,
  invalidSystemId: 0x0f,
  messageQueueFull: 0x14,
  invalidServiceType: 0x15,
  submitFailed: 0x45,
  invalidSystemType: 0x53,
  throttled: 0x58,
  invalidSchedule: 0x61,
  invalidExpiry: 0x62,
  temporaryReceiverError: 0x64,
  queryFailed: 0x67,
  invalidOptionalStream: 0xc0,
  invalidParameterLength: 0xc2,
} as const;
