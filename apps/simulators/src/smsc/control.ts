/** What parent and simulator say to each other over the IPC channel of `child_process.fork`: plain JSON. */

/** How the phone (or every phone, '*') behaves. The default is 'deliver'. */
export type Answer =
  | 'deliver'
  | 'undeliverable'
  | 'expire'
  /** submit_sm_resp ESME_RSUBMITFAIL */
  | 'reject'
  /** submit_sm_resp ESME_RTHROTTLED */
  | 'throttle'
  /** no submit_sm_resp at all */
  | 'silent'
  /** accepted, arrives, no receipt */
  | 'no_receipt';

export type PhoneMessage = {
  /** Counts up over all messages of this simulator. */
  readonly number: number;
  /** 'mt': arrived at the phone; 'mo': the phone's own reply. */
  readonly direction: 'mt' | 'mo';
  readonly phone: string;
  /** The other side: the sender shown on the handset, or whom the phone wrote to. */
  readonly peer: string;
  readonly text: string;
  readonly segments: number;
  /** Milliseconds since 1970. */
  readonly at: number;
};

export type SmscStats = {
  readonly binds: number;
  readonly bound: number;
  readonly submits: number;
  readonly accepted: number;
  readonly refused: number;
  readonly receiptsSent: number;
  readonly receiptsWaiting: number;
  readonly repliesSent: number;
};

/** How message ids look: some SMSCs answer a submit in one form and write the receipt in another. */
export type IdForm = 'decimal' | 'hex' | 'zero_padded';

export type SmscOptions = {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly systemId: string;
  readonly password: string;
  readonly responseIdForm?: IdForm;
  readonly receiptIdForm?: IdForm;
  /** From the answer to the receipt; default 200 ms. */
  readonly receiptDelayMs?: number;
  /** Most unanswered deliver_sm per bind; default 100. */
  readonly window?: number;
};

/** Parent → simulator. The first is 'settings'; every 'ask' gets one 'answer' with its id. */
export type ToSmsc =
  | { readonly kind: 'settings'; readonly options: SmscOptions }
  | { readonly kind: 'ask'; readonly id: number; readonly request: SmscRequest };

export type SmscRequest =
  | { readonly do: 'messages'; readonly phone?: string }
  | { readonly do: 'reply'; readonly phone: string; readonly to: string; readonly text: string }
  | { readonly do: 'behave'; readonly phone: string; readonly answer: Answer }
  | { readonly do: 'subscribe' }
  | { readonly do: 'stats' }
  | { readonly do: 'close' };

/** Simulator → parent. */
export type FromSmsc =
  | { readonly kind: 'listening'; readonly port: number }
  /** It could not start; the process ends. `code` is the system's word, such as EADDRINUSE. */
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'message'; readonly message: PhoneMessage };

/** The simulator, whether in this process or behind IPC. */
export type SmscControl = {
  readonly port: number;
  /** The last messages, oldest first: of one phone (at most 500), or of all. */
  messages(phone?: string): Promise<readonly PhoneMessage[]>;
  /** Sends an MO from the phone; false when no receiver is bound. */
  reply(reply: { phone: string; to: string; text: string }): Promise<boolean>;
  behave(behaviour: { phone: string; answer: Answer }): Promise<void>;
  /** Calls `listener` for every later message; returns its end. */
  subscribe(listener: (message: PhoneMessage) => void): Promise<() => void>;
  stats(): Promise<SmscStats>;
  close(): Promise<void>;
};
