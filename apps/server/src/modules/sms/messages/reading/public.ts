export { READING_ERRORS } from './errors.ts';
export type { StepView } from './life-view.ts';
export { createMessageReading, type MessageReading, type ReadingDeps } from './service.ts';
export type {
  EvidenceView,
  MessageDetails,
  MessageDetailView,
  MessageQuery,
  MessageReport,
  MessageReview,
  MessageView,
  OverviewDay,
} from './views.ts';
