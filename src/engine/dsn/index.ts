/**
 * The dsn room: turns what became of a message's recipients into reports.
 *
 * It says whether the sender wants to hear of it (whyNoReport) and writes the report as a message (makeReport), one about all
 * recipients that it is told of (createReporter). Same input, same bytes.
 *
 * It never sends or queues anything, looks at no clock, never reports to the null sender, and decides about no retry.
 * Reports are to be sent from the null sender.
 *
 * Obeys RFC 3461 (who asked for what), RFC 3462/6522 (multipart/report), RFC 3464 (message/delivery-status),
 * RFC 3463 (status codes), RFC 3834 (Auto-Submitted), RFC 6533 (the UTF-8 forms, for SMTPUTF8 messages only).
 * Limits: no `expanded`, no DSN-Gateway, no Received-From-MTA; language is English.
 */
export { createReporter, type AddressedReport } from './reporter.ts';
export { whyNoReport, type NoReport } from './notify.ts';
export { makeReport, type Report } from './report.ts';
export type { ReportInput } from './input.ts';
