export { type ReceiptItem, type ReceiptResult, receiptLane } from './lane.ts';
export { createReceipts, type Receipts } from './service.ts';
export { distrustNumbers } from './store.ts';
