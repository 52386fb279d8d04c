import type { SettingValues } from '../conf/setting-values.ts'
import { EmailMessage, type EmailOptions } from './email-message.ts'
import { SmtpMailBackend, type MailBackend } from './mail-backend.ts'

type MailSettings = Pick<SettingValues, 'mail' | 'defaultFromEmail'>

const byDefault = new WeakMap<MailSettings, MailBackend>()

/** The mail back end of these settings: SMTP to this machine where they name none. */
export function mailBackendOf(settings: MailSettings): MailBackend {
  if (settings.mail !== null) return settings.mail
  const known = byDefault.get(settings) ?? new SmtpMailBackend()
  byDefault.set(settings, known)
  return known
}

/** Sends a message, or one of these parts. @throws BadHeaderError, and what the back end throws */
export async function sendMail(settings: MailSettings, mail: EmailMessage | EmailOptions): Promise<void> {
  const message = mail instanceof EmailMessage ? mail : new EmailMessage(mail)
  if (message.recipients().length === 0) return
  await mailBackendOf(settings).send(message, settings.defaultFromEmail)
}
