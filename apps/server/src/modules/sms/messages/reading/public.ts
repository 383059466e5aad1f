export { READING_ERRORS } from './errors.ts';
export type { StepView } from './life-view.ts';
export {
  createMessageReading,
  type EvidenceView,
  type MessageDetails,
  type MessageDetailView,
  type MessageQuery,
  type MessageReading,
  type MessageReport,
  type MessageView,
  type OverviewDay,
  type ReadingDeps,
  type ReviewFacts,
} from './service.ts';
