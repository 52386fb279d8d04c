import { EmailMessage } from '../mail/email-message.ts'
import { sendMail } from '../mail/send-mail.ts'
import { neverCache, redirectToLogin } from '../views/decorators.ts'
import { FormView } from '../views/form-view.ts'
import { TemplateView } from '../views/template-view.ts'
import { ObjectDoesNotExist } from '../db/errors.ts'
import { loggerOf } from '../handlers/request-log.ts'
import type { Form } from '../forms/form.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponseRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { resolveUrl } from '../shortcuts.ts'
import { AttemptLimiter, TooManyAttempts } from './attempt-limiter.ts'
import { defaultAuthentication } from './authentication.ts'
import { PasswordChangeForm, PasswordResetForm, SetPasswordForm } from './password-forms.ts'
import { PasswordResetTokens } from './password-reset-token.ts'
import { validatePassword } from './password-validation.ts'
import { User } from './user.ts'

/** Adds what is wrong with the new password to the form; true when nothing is. */
function isGood(
  form: Pick<Form<typeof SetPasswordForm.fields>, 'addError'>,
  password: string,
  user: User,
): boolean {
  const problems = validatePassword(password, user)
  for (const problem of problems) form.addError('newPassword2', problem)
  return problems.length === 0
}

/** One who sends many of these fills somebody's mailbox. */
const resetLimiter = new AttemptLimiter({ perNameAndAddress: 5, perAddress: 20, windowSeconds: 3600 })

/** Guesses at the old password, from all sessions of one user together. */
const changeLimiter = new AttemptLimiter()

/** Asks for an address, and sends a link to a new password to it if it is a user's. The answer never says whether it is. */
export class PasswordResetView extends FormView<typeof PasswordResetForm.fields> {
  override templateName: string | null = 'registration/password_reset_form.html'
  override formClass: typeof PasswordResetForm | null = PasswordResetForm
  emailTemplateName = 'registration/password_reset_email.txt'
  subjectTemplateName = 'registration/password_reset_subject.txt'
  htmlEmailTemplateName: string | null = null
  /** `settings.defaultFromEmail` when it is null. */
  fromEmail: string | null = null
  /** The name of the URL that the link leads to. */
  confirmUrlName = 'password_reset_confirm'
  limiter: AttemptLimiter | null = resetLimiter
  override successUrl: string | null = 'password_reset_done'

  override getSuccessUrl(): string {
    return resolveUrl(this.request, this.successUrl ?? 'password_reset_done')
  }

  /** Those who have the address and a password to reset. The comparison is exact but for case (FAULTS Q8). */
  async getUsers(email: string): Promise<User[]> {
    const wanted = email.normalize('NFKC').toLowerCase()
    const users = await User.objects.filter({ email__iexact: email, isActive: true }).toArray()
    return users.filter(
      (user) => user.email.normalize('NFKC').toLowerCase() === wanted && user.hasUsablePassword(),
    )
  }

  override async formValid(form: Form<typeof PasswordResetForm.fields>): Promise<OutgoingResponse> {
    const { request } = this
    const { email } = form.cleanedData
    // A host that is not ours is refused for every address, not only for those that a link is made for.
    request.getHost()
    const from = request.META['REMOTE_ADDR']
    try {
      const cache = request.settings.caches?.default ?? null
      await this.limiter?.begin(email.toLowerCase(), typeof from === 'string' ? from : '', cache)
    } catch (error) {
      // The answer is that of any other address.
      if (error instanceof TooManyAttempts) return new HttpResponseRedirect(this.getSuccessUrl())
      throw error
    }
    const users = await this.getUsers(email)
    const response = new HttpResponseRedirect(this.getSuccessUrl())
    // Sent while the answer is on its way: how long that takes must not tell who has an account (FAULTS Q6).
    const sent = this.#sendAll(users)
    response.onClose(() => sent)
    return response
  }

  async #sendAll(users: readonly User[]): Promise<void> {
    for (const user of users) {
      try {
        await this.#send(user)
      } catch (error) {
        loggerOf(this.request).error({ err: error, user: user.pk }, 'Failed to send a password reset email')
      }
    }
  }

  async #send(user: User): Promise<void> {
    const { request } = this
    if (request.site === null) throw new Error('A password reset needs the handler that answers')
    const { site } = request
    const kwargs = {
      uidb64: Buffer.from(String(user.pk)).toString('base64url'),
      token: new PasswordResetTokens(request.settings).make(user),
    }
    // The host has passed `allowedHosts`: the link cannot lead elsewhere (a poisoned Host header).
    const link = request.buildAbsoluteUri(request.reverse(this.confirmUrlName, kwargs))
    const context = { user, link, email: user.email, host: request.getHost(), ...kwargs }
    const render = async (name: string): Promise<string> => site.renderTemplate(request, name, context)
    const subject = (await render(this.subjectTemplateName))
      .split(/\s*[\r\n]+\s*/)
      .join(' ')
      .trim()
    const message = new EmailMessage({
      subject,
      body: await render(this.emailTemplateName),
      to: [user.email],
      ...(this.fromEmail !== null && { from: this.fromEmail }),
    })
    if (this.htmlEmailTemplateName !== null) {
      message.attachAlternative(await render(this.htmlEmailTemplateName), 'text/html')
    }
    await sendMail(request.settings, message)
  }
}

/** Where the session keeps the token, so that it stands in no URL that a Referer would show. */
const TOKEN_SESSION_KEY = '_password_reset_token'
const SHOWN_TOKEN = 'set-password'

interface LinkKwargs {
  readonly uidb64: string
  readonly token: string
}

/** Sets a new password for whoever comes by a good link. */
export class PasswordResetConfirmView extends FormView<typeof SetPasswordForm.fields, LinkKwargs> {
  override templateName: string | null = 'registration/password_reset_confirm.html'
  override formClass: typeof SetPasswordForm | null = SetPasswordForm
  override successUrl: string | null = 'password_reset_complete'
  /** Null when the link is not good. */
  user: User | null = null

  override getSuccessUrl(): string {
    return resolveUrl(this.request, this.successUrl ?? 'password_reset_complete')
  }

  override async getContextData(extra: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return { ...(await super.getContextData(extra)), validlink: this.user !== null }
  }

  override async get(request: HttpRequest, kwargs: LinkKwargs): Promise<OutgoingResponse> {
    const user = await userOf(kwargs.uidb64)
    const tokens = new PasswordResetTokens(request.settings)
    if (kwargs.token !== SHOWN_TOKEN) {
      if (!tokens.check(user, kwargs.token)) return this.#refused()
      request.session.set(TOKEN_SESSION_KEY, kwargs.token)
      const path = request.getFullPath().replace(kwargs.token, SHOWN_TOKEN)
      return new HttpResponseRedirect(path, { headers: { 'Referrer-Policy': 'no-referrer' } })
    }
    await this.#findUser(request, user)
    return this.user === null ? this.#refused() : super.get(request, kwargs)
  }

  override async post(request: HttpRequest, kwargs: LinkKwargs): Promise<OutgoingResponse> {
    await this.#findUser(request, kwargs.token === SHOWN_TOKEN ? await userOf(kwargs.uidb64) : null)
    return this.user === null ? this.#refused() : super.post(request, kwargs)
  }

  async #findUser(request: HttpRequest, user: User | null): Promise<void> {
    const token = await request.session.get(TOKEN_SESSION_KEY)
    const good = typeof token === 'string' && new PasswordResetTokens(request.settings).check(user, token)
    this.user = good ? user : null
  }

  async #refused(): Promise<OutgoingResponse> {
    return this.renderToResponse(await this.getContextData({ form: null }))
  }

  override async formValid(form: Form<typeof SetPasswordForm.fields>): Promise<OutgoingResponse> {
    const { user, request } = this
    const { newPassword1 } = form.cleanedData
    if (user === null || !isGood(form, newPassword1, user)) return this.formInvalid(form)
    await user.setPassword(newPassword1)
    await user.save({ updateFields: ['password'] })
    request.session.delete(TOKEN_SESSION_KEY)
    return new HttpResponseRedirect(this.getSuccessUrl())
  }
}

/** The active user that a link names. */
async function userOf(uidb64: string): Promise<User | null> {
  const pk = Buffer.from(uidb64, 'base64url').toString('utf8')
  if (!/^\d{1,15}$/.test(pk)) return null
  try {
    const user = await User.objects.get({ pk: Number(pk) })
    return user.isActive && user.hasUsablePassword() ? user : null
  } catch (error) {
    if (error instanceof ObjectDoesNotExist) return null
    throw error
  }
}

/** Changes the password of who is signed in. This session goes on; all others of the user end. */
export class PasswordChangeView extends FormView<typeof PasswordChangeForm.fields> {
  override templateName: string | null = 'registration/password_change_form.html'
  override formClass: typeof PasswordChangeForm | null = PasswordChangeForm
  override successUrl: string | null = 'password_change_done'
  authentication = defaultAuthentication
  limiter: AttemptLimiter | null = changeLimiter

  override getSuccessUrl(): string {
    return resolveUrl(this.request, this.successUrl ?? 'password_change_done')
  }

  async #user(): Promise<User | null> {
    const user = await this.request.user()
    return user instanceof User ? user : null
  }

  override async get(
    request: HttpRequest,
    kwargs: Readonly<Record<string, unknown>>,
  ): Promise<OutgoingResponse> {
    return (await this.#user()) === null ? redirectToLogin(request) : super.get(request, kwargs)
  }

  override async post(
    request: HttpRequest,
    kwargs: Readonly<Record<string, unknown>>,
  ): Promise<OutgoingResponse> {
    return (await this.#user()) === null ? redirectToLogin(request) : super.post(request, kwargs)
  }

  override async formValid(form: Form<typeof PasswordChangeForm.fields>): Promise<OutgoingResponse> {
    const { oldPassword, newPassword1 } = form.cleanedData
    const user = await this.#user()
    if (user === null) return redirectToLogin(this.request)
    if (!(await this.#mayTry(user))) {
      form.addError('oldPassword', 'Too many attempts. Try again later.')
      return this.formInvalid(form)
    }
    if (!(await user.checkPassword(oldPassword))) {
      form.addError('oldPassword', 'Your old password was entered incorrectly. Please enter it again.')
      return this.formInvalid(form)
    }
    if (!isGood(form, newPassword1, user)) return this.formInvalid(form)
    await user.setPassword(newPassword1)
    await user.save({ updateFields: ['password'] })
    await this.authentication.updateSessionAuthHash(this.request, user)
    const cache = this.request.settings.caches?.default ?? null
    await this.limiter?.succeed(`change ${user.username}`, '', cache)
    return new HttpResponseRedirect(this.getSuccessUrl())
  }

  /** Whoever finds an open session must not guess the password here. */
  async #mayTry(user: User): Promise<boolean> {
    try {
      const cache = this.request.settings.caches?.default ?? null
      await this.limiter?.begin(`change ${user.username}`, '', cache)
      return true
    } catch (error) {
      if (error instanceof TooManyAttempts) return false
      throw error
    }
  }
}

const page = (templateName: string) => TemplateView.asView({ templateName }, neverCache)

/** `PasswordResetView` as a route takes it. */
export const passwordResetView = PasswordResetView.asView({}, neverCache)
/** Says that the mail is on its way. */
export const passwordResetDoneView = page('registration/password_reset_done.html')
/** `PasswordResetConfirmView` as a route takes it. */
export const passwordResetConfirmView = PasswordResetConfirmView.asView({}, neverCache)
/** Says that the new password is set. */
export const passwordResetCompleteView = page('registration/password_reset_complete.html')
/** `PasswordChangeView` as a route takes it. */
export const passwordChangeView = PasswordChangeView.asView({}, neverCache)
/** Says that the password is changed. */
export const passwordChangeDoneView = page('registration/password_change_done.html')
