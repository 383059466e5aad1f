export { createEngine } from './engine.ts';
export { PartsError } from './lexicon.ts';
export {
  type ContactChannel,
  type ContactFeature,
  type EmailFeature,
  type Engine,
  type EngineParts,
  type Evidence,
  type Features,
  LABELS,
  type Label,
  type MessageKind,
  type NumberFeature,
  type ScreenContext,
  type Screening,
  type TextSpan,
  type UrlFeature,
  type Verdict,
} from './model.ts';
