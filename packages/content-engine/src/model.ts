/** What the engine judges a text to be about. Political opinion is deliberately not among them. */
export type Label =
  | 'fraud'
  | 'gambling'
  | 'pornography'
  | 'prohibited'
  | 'restricted'
  | 'vulgar'
  | 'malicious'
  | 'unsolicited_marketing';

export const LABELS: readonly Label[] = [
  'fraud',
  'gambling',
  'pornography',
  'prohibited',
  'restricted',
  'vulgar',
  'malicious',
  'unsolicited_marketing',
];

export type MessageKind = 'code' | 'notice' | 'marketing' | 'international';

/** A half-open range of UTF-16 units. */
export type TextSpan = { readonly start: number; readonly end: number };

export type ScreenContext = {
  readonly messageKind: MessageKind;
  /** The approved signature, without its brackets. */
  readonly signName: string;
  /** The parts of the text that the tenant's caller typed; left out when the whole text is unreviewed. */
  readonly variableSpans?: readonly TextSpan[];
};

/** Why a label was given. `start` and `end` are UTF-16 offsets into the text that was passed in. */
export type Evidence = {
  readonly start: number;
  readonly end: number;
  /** The reading that matched, after restoration. */
  readonly restored: string;
  /** `lexicon:NAME/LINE` or `feature:NAME`. */
  readonly rule: string;
  readonly label?: Label;
  /** 0..1, after the reduction for reviewed template text. */
  readonly weight: number;
};

export type Verdict = 'pass' | 'review' | 'block';

export type ContactChannel = 'wechat' | 'qq' | 'telegram' | 'whatsapp' | 'line' | 'other';

export type UrlFeature = TextSpan & {
  /** Lower case, obfuscated dots restored. */
  readonly host: string;
  /** Host, port and path as read. */
  readonly value: string;
  /** True when the dots were disguised (。, 点, spaces). */
  readonly disguised: boolean;
  /** True when the host looks made for one campaign (see addresses.ts). */
  readonly throwaway: boolean;
};
export type ContactFeature = TextSpan & { readonly channel: ContactChannel; readonly value: string };
export type EmailFeature = TextSpan & { readonly value: string };
export type NumberFeature = TextSpan & {
  /** Digits only, ASCII. */
  readonly value: string;
  readonly kind: 'mobile' | 'landline' | 'service' | 'code' | 'amount' | 'other';
};

export type Features = {
  readonly urls: readonly UrlFeature[];
  readonly contacts: readonly ContactFeature[];
  readonly emails: readonly EmailFeature[];
  readonly numbers: readonly NumberFeature[];
};

export type Screening = {
  readonly verdict: Verdict;
  /** Labels whose score reaches the review threshold of the message kind, highest score first. */
  readonly labels: readonly Label[];
  /** 0..1 for every label with any evidence. */
  readonly scores: Readonly<Partial<Record<Label, number>>>;
  readonly spans: readonly Evidence[];
  readonly restored: string;
  /** Restored index → index in the text passed in; `restored.length + 1` entries, never decreasing. */
  readonly offsets: Uint32Array;
  readonly features: Features;
};

export type EngineParts = {
  /** TSV bytes, see lexicon.ts for the format. */
  readonly lexicons: readonly Uint8Array[];
  readonly tables?: {
    /** TSV bytes `character<TAB>replacement`, applied before the built-in folding. */
    readonly foldings?: Uint8Array;
  };
};

export type Engine = {
  /**
   * Screens one text: restores it, matches the lexicons, extracts features and scores the labels.
   * Total: any string, unpaired surrogates included, gives a result in time linear in its length.
   */
  screen(text: string, context: ScreenContext): Screening;
  /** Digest of the parts and of the engine's own revision, 16 hexadecimal digits. */
  readonly version: string;
};
