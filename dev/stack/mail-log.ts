/**
 * What the runtime's send_email says of a mail that it does not send: From, To, Subject, and the file that its text is in.
 * Errors are shown as ever; the rest of what Miniflare has to say nobody asked for.
 */
import { stripVTControlCharacters } from "node:util";
import { Log, LogLevel } from "miniflare";

const IS_MAIL = /^.*\bsend_email binding called/;

export class MailLog extends Log {
  readonly #onMail: (text: string) => void;

  constructor(onMail: (text: string) => void) {
    super(LogLevel.INFO);
    this.#onMail = onMail;
  }

  override logWithLevel(level: LogLevel, message: string): void {
    if (level === LogLevel.ERROR) super.logWithLevel(level, message);
    else if (IS_MAIL.test(message)) this.#onMail(stripVTControlCharacters(message));
  }
}
