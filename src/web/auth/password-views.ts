import { EmailMessage } from '../mail/email-message.ts'
import { sendMail } from '../mail/send-mail.ts'
import { neverCache, redirectToLogin } from '../views/decorators.ts'
import { FormView } from '../views/form-view.ts'
import { TemplateView } from '../views/template-view.ts'
import { rowState } from '../db/row-state.ts'
import type { RequestUser } from '../http/request-user.ts'
import { plainText } from '../views/plain-text.ts'
import { ObjectDoesNotExist, ValueError } from '../db/errors.ts'
import { loggerOf } from '../handlers/request-log.ts'
import type { Form } from '../forms/form.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponseRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { resolveUrl } from '../shortcuts.ts'
import { AttemptLimiter, TooManyAttempts } from './attempt-limiter.ts'
import { defaultAuthentication } from './authentication.ts'
import { PasswordChangeForm, PasswordResetForm, SetPasswordForm } from './password-forms.ts'
import { PasswordResetTokens, type TokenHolder } from './password-reset-token.ts'
import { validatePassword } from './password-validation.ts'
import { isUsable, passwords } from './passwords.ts'
import { getUserModel, usernameOf, type UserModel } from './user-model.ts'
import type { UserRow } from './user.ts'

/** Adds what is wrong with the new password to the form; true when nothing is. */
function isGood(
  form: Pick<Form<typeof SetPasswordForm.fields>, 'addError'>,
  password: string,
  user: UserRow,
): boolean {
  const problems = validatePassword(password, personOf(user))
  for (const problem of problems) form.addError('newPassword2', problem)
  return problems.length === 0
}

const KEPT_APART = ['email', 'firstName', 'lastName'] as const

/** What a password must not be like. */
function personOf(user: UserRow): Parameters<typeof validatePassword>[1] {
  const texts = KEPT_APART.map((name) => [name, plainText(Reflect.get(user, name))] as const)
  return { username: usernameOf(user), ...Object.fromEntries(texts) }
}

async function setPassword(user: UserRow, password: string): Promise<void> {
  user.password = await passwords.make(password)
  await user.save({ updateFields: ['password'] })
}

/** A token for a row of any model; its address is part of it, as one that changes makes the link worth nothing. */
const holderOf = (model: UserModel, user: UserRow): TokenHolder => ({
  pk: user.pk,
  password: user.password,
  lastLogin: user.lastLogin,
  email: model.emailOf(user),
})

/** One who sends many of these fills somebody's mailbox. */
const resetLimiter = new AttemptLimiter({
  purpose: 'password-reset',
  perNameAndAddress: 5,
  perAddress: 20,
  windowSeconds: 3600,
})

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
  async getUsers(email: string): Promise<UserRow[]> {
    const model = getUserModel(this.request.settings)
    if (model.emailField === null) return []
    const wanted = email.normalize('NFKC').toLowerCase()
    const users = await model
      .objects()
      .filter({ [`${model.emailField}__iexact`]: email })
      .toArray()
    const isMeant = (user: UserRow): boolean => model.emailOf(user).normalize('NFKC').toLowerCase() === wanted
    return users.filter((user) => user.isActive && isMeant(user) && isUsable(user.password))
  }

  override async formValid(form: Form<typeof PasswordResetForm.fields>): Promise<OutgoingResponse> {
    const { request } = this
    const { email } = form.cleanedData
    // A host that is not ours is refused for every address, not only for those that a link is made for.
    request.getHost()
    const from = request.META['REMOTE_ADDR']
    try {
      const cache = request.settings.caches?.default ?? null
      await this.limiter?.begin(`reset ${email.toLowerCase()}`, typeof from === 'string' ? from : '', cache)
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

  async #sendAll(users: readonly UserRow[]): Promise<void> {
    for (const user of users) {
      try {
        await this.#send(user)
      } catch (error) {
        loggerOf(this.request).error({ err: error, user: user.pk }, 'Failed to send a password reset email')
      }
    }
  }

  async #send(user: UserRow): Promise<void> {
    const { request } = this
    if (request.site === null) throw new Error('A password reset needs the handler that answers')
    const { site } = request
    const model = getUserModel(request.settings)
    const email = model.emailOf(user)
    const kwargs = {
      uidb64: Buffer.from(String(user.pk)).toString('base64url'),
      token: new PasswordResetTokens(request.settings).make(holderOf(model, user)),
    }
    // The host has passed `allowedHosts`: the link cannot lead elsewhere (a poisoned Host header).
    const link = request.buildAbsoluteUri(request.reverse(this.confirmUrlName, kwargs))
    const context = { user, link, email, host: request.getHost(), ...kwargs }
    const render = async (name: string): Promise<string> => site.renderTemplate(request, name, context)
    const subject = (await render(this.subjectTemplateName))
      .split(/\s*[\r\n]+\s*/)
      .join(' ')
      .trim()
    const message = new EmailMessage({
      subject,
      body: await render(this.emailTemplateName),
      to: [email],
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
  user: UserRow | null = null

  override getSuccessUrl(): string {
    return resolveUrl(this.request, this.successUrl ?? 'password_reset_complete')
  }

  override async getContextData(extra: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return { ...(await super.getContextData(extra)), validlink: this.user !== null }
  }

  override async get(request: HttpRequest, kwargs: LinkKwargs): Promise<OutgoingResponse> {
    const model = getUserModel(request.settings)
    const user = await userOf(model, kwargs.uidb64)
    const tokens = new PasswordResetTokens(request.settings)
    if (kwargs.token !== SHOWN_TOKEN) {
      if (user === null || !tokens.check(holderOf(model, user), kwargs.token)) return this.#refused()
      request.session.set(TOKEN_SESSION_KEY, kwargs.token)
      const path = request.getFullPath().replace(kwargs.token, SHOWN_TOKEN)
      return new HttpResponseRedirect(path, { headers: { 'Referrer-Policy': 'no-referrer' } })
    }
    await this.#findUser(request, user)
    return this.user === null ? this.#refused() : super.get(request, kwargs)
  }

  override async post(request: HttpRequest, kwargs: LinkKwargs): Promise<OutgoingResponse> {
    await this.#findUser(
      request,
      kwargs.token === SHOWN_TOKEN ? await userOf(getUserModel(request.settings), kwargs.uidb64) : null,
    )
    return this.user === null ? this.#refused() : super.post(request, kwargs)
  }

  async #findUser(request: HttpRequest, user: UserRow | null): Promise<void> {
    const token = await request.session.get(TOKEN_SESSION_KEY)
    if (user === null || typeof token !== 'string') return
    const holder = holderOf(getUserModel(request.settings), user)
    if (new PasswordResetTokens(request.settings).check(holder, token)) this.user = user
  }

  async #refused(): Promise<OutgoingResponse> {
    return this.renderToResponse(await this.getContextData({ form: null }))
  }

  override async formValid(form: Form<typeof SetPasswordForm.fields>): Promise<OutgoingResponse> {
    const { user, request } = this
    const { newPassword1 } = form.cleanedData
    if (user === null || !isGood(form, newPassword1, user)) return this.formInvalid(form)
    await setPassword(user, newPassword1)
    request.session.delete(TOKEN_SESSION_KEY)
    return new HttpResponseRedirect(this.getSuccessUrl())
  }
}

/** The active user that a link names. */
async function userOf(model: UserModel, uidb64: string): Promise<UserRow | null> {
  const pk = Buffer.from(uidb64, 'base64url').toString('utf8')
  // A number within what a float holds, or a UUID: nothing else is a key of ours.
  if (!/^(?:\d{1,15}|[\da-f-]{32,36})$/i.test(pk)) return null
  try {
    const user = await model.objects().get({ pk })
    return user.isActive && isUsable(user.password) ? user : null
  } catch (error) {
    if (error instanceof ObjectDoesNotExist || error instanceof ValueError) return null
    throw error
  }
}

/** Whether the request's user is a row with a password to change. */
const isRow = (user: RequestUser): user is RequestUser & UserRow =>
  user.isAuthenticated && rowState(user)?.meta.byName.has('password') === true

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

  async #user(): Promise<UserRow | null> {
    const user = await this.request.user()
    return isRow(user) ? user : null
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
    if (!(await passwords.check(oldPassword, user.password))) {
      form.addError('oldPassword', 'Your old password was entered incorrectly. Please enter it again.')
      return this.formInvalid(form)
    }
    if (!isGood(form, newPassword1, user)) return this.formInvalid(form)
    await setPassword(user, newPassword1)
    await this.authentication.updateSessionAuthHash(this.request, user)
    const cache = this.request.settings.caches?.default ?? null
    await this.limiter?.succeed(`change ${usernameOf(user)}`, '', cache)
    return new HttpResponseRedirect(this.getSuccessUrl())
  }

  /** Whoever finds an open session must not guess the password here. */
  async #mayTry(user: UserRow): Promise<boolean> {
    try {
      const cache = this.request.settings.caches?.default ?? null
      await this.limiter?.begin(`change ${usernameOf(user)}`, '', cache)
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
