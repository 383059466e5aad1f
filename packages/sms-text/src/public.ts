export {
  buildConcatHeader,
  CONCAT_HEADER_OCTETS,
  type ConcatPlace,
  readConcatHeader,
} from './concat-header.ts';
export { decodeGbk, encodeGbk } from './gbk.ts';
export { decodeGsm7, encodeGsm7 } from './gsm7.ts';
export { hasLink } from './links.ts';
export {
  isOptOut,
  MAX_MESSAGE_CHARACTERS,
  OPT_OUT_LINE,
  OPT_OUT_WORDS,
  visibleText,
} from './message-text.ts';
export { maskNumber, type ReadNumber, readNumber, withoutNumbers } from './numbers.ts';
export {
  type Segment,
  type SegmentCount,
  type SegmentEncoding,
  segmentText,
  splitSegments,
} from './segments.ts';
export {
  type ParsedTemplate,
  parseTemplate,
  type RenderedTemplate,
  renderTemplate,
  type TemplateRefusal,
  type VariableProblem,
} from './templates.ts';
export { decodeUcs2, encodeUcs2 } from './ucs2.ts';
export {
  defaultVariableType,
  readVariableRules,
  type TemplateKind,
  VARIABLE_TYPES,
  type VariableRules,
  type VariableRulesRefusal,
  type VariableType,
  type VariableTypeName,
} from './variable-types.ts';
