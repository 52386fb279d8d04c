import { IntegrityError } from '../db/errors.ts'
import { neverCache } from '../views/decorators.ts'
import { FormView } from '../views/form-view.ts'
import { defineForm } from '../forms/form.ts'
import * as field from '../forms/field.ts'
import { RenderingView } from '../views/template-view.ts'
import type { Form, FormClass } from '../forms/form.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponseRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { urlHasAllowedHostAndScheme } from '../http/url-safety.ts'
import { resolveUrl } from '../shortcuts.ts'
import { TooManyAttempts } from './attempt-limiter.ts'
import { AuthenticationForm, UserCreationForm } from './auth-forms.ts'
import { defaultAuthentication } from './authentication.ts'
import type { Authentication } from './authentication.ts'
import { getUserModel, type UserModel } from './user-model.ts'
import type { UserRow } from './user.ts'

/** The page to go on to: `next` of the form or the query, if it is one of ours; '' if not. */
export function safeNextUrl(request: HttpRequest, fieldName = 'next'): string {
  const next = request.POST.get(fieldName) ?? request.GET.get(fieldName)
  const safe = urlHasAllowedHostAndScheme(next, [request.getHost()], request.isSecure())
  return safe && next !== undefined ? next : ''
}

type LoginFields = typeof AuthenticationForm.fields

/** Made once for a model. */
const forms = new WeakMap<UserModel, FormClass<LoginFields>>()

function authenticationFormFor(model: UserModel): FormClass<LoginFields> {
  const { usernameField, usernameLabel } = model
  if (usernameField === 'username') return AuthenticationForm
  const label = usernameLabel.charAt(0).toUpperCase() + usernameLabel.slice(1)
  const { max } = model.column(usernameField).options
  const { username, password } = AuthenticationForm.fields
  const attributes = { autofocus: true, autocomplete: 'username', autocapitalize: 'none' }
  const own = field.text({ ...(max !== undefined && { max }), label, attributes })
  const form =
    forms.get(model) ?? defineForm<LoginFields>({ fields: { username: { ...username, ...own }, password } })
  forms.set(model, form)
  return form
}

/** Asks for name and password, and signs in. */
export class LoginView extends FormView<LoginFields> {
  override templateName: string | null = 'registration/login.html'
  override formClass: typeof AuthenticationForm | null = AuthenticationForm
  /** Another one for a user model of one's own. */
  authentication: Authentication<UserRow> = defaultAuthentication
  redirectFieldName = 'next'
  /** Whoever is signed in already is sent on. */
  redirectAuthenticatedUser = false

  /** The form's own label is that of what the site's users sign in by. */
  override getFormClass(): FormClass<LoginFields> {
    const form = super.getFormClass()
    return form === AuthenticationForm ? authenticationFormFor(getUserModel(this.request.settings)) : form
  }

  override getSuccessUrl(): string {
    const next = safeNextUrl(this.request, this.redirectFieldName)
    if (next !== '') return next
    return this.successUrl ?? resolveUrl(this.request, this.request.settings.loginRedirectUrl)
  }

  override async get(request: HttpRequest, kwargs: object): Promise<OutgoingResponse> {
    if (this.redirectAuthenticatedUser && (await request.user()).isAuthenticated) {
      return new HttpResponseRedirect(this.getSuccessUrl())
    }
    return super.get(request, { ...kwargs })
  }

  override async getContextData(extra: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return { ...(await super.getContextData(extra)), next: safeNextUrl(this.request, this.redirectFieldName) }
  }

  override async formValid(form: Form<LoginFields>): Promise<OutgoingResponse> {
    try {
      const user = await this.authentication.authenticate(this.request, form.cleanedData)
      if (user !== null) {
        await this.authentication.login(this.request, user)
        return new HttpResponseRedirect(this.getSuccessUrl())
      }
    } catch (error) {
      if (error instanceof TooManyAttempts) return this.#refused(form, error)
      throw error
    }
    form.addError(
      '',
      `Please enter a correct ${getUserModel(this.request.settings).usernameLabel} and password. Note that both fields may be case-sensitive.`,
    )
    return this.formInvalid(form)
  }

  async #refused(form: Form<LoginFields>, { retryAfterSeconds }: TooManyAttempts): Promise<OutgoingResponse> {
    const minutes = Math.ceil(retryAfterSeconds / 60)
    form.addError('', `Too many attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`)
    return this.renderToResponse(await this.getContextData({ form }), {
      status: 429,
      headers: { 'Retry-After': retryAfterSeconds },
    })
  }
}

/** Signs out, by POST only: a link or a picture on another page must not do it. */
export class LogoutView extends RenderingView {
  override templateName: string | null = 'registration/logged_out.html'
  authentication: Authentication<UserRow> = defaultAuthentication
  redirectFieldName = 'next'
  /** Where to go; null: `settings.logoutRedirectUrl`, or the template when that is null too. */
  nextPage: string | null = null

  override async post(request: HttpRequest): Promise<OutgoingResponse> {
    await request.form()
    const next = safeNextUrl(request, this.redirectFieldName)
    await this.authentication.logout(request)
    const target = next !== '' ? next : (this.nextPage ?? request.settings.logoutRedirectUrl)
    if (target !== null) return new HttpResponseRedirect(resolveUrl(request, target))
    return this.renderToResponse(await this.getContextData({ title: 'Logged out' }))
  }
}

type SignUpFields = typeof UserCreationForm.fields

/** Asks for a new account, makes it and signs in. */
export class SignUpView extends FormView<SignUpFields> {
  override templateName: string | null = 'registration/signup.html'
  override formClass: typeof UserCreationForm | null = UserCreationForm
  authentication: Authentication<UserRow> = defaultAuthentication

  createUser(username: string, password: string): Promise<UserRow> {
    const model = getUserModel(this.request.settings)
    return model.create({ [model.usernameField]: username, password })
  }

  override getSuccessUrl(): string {
    const next = safeNextUrl(this.request)
    if (next !== '') return next
    return this.successUrl ?? resolveUrl(this.request, this.request.settings.loginRedirectUrl)
  }

  override async getContextData(extra: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return { ...(await super.getContextData(extra)), next: safeNextUrl(this.request) }
  }

  override async formValid(form: Form<SignUpFields>): Promise<OutgoingResponse> {
    const { username, password1 } = form.cleanedData
    let user: UserRow
    try {
      user = await this.createUser(username, password1)
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error
      form.addError('username', 'A user with that username already exists.')
      return this.formInvalid(form)
    }
    await this.authentication.login(this.request, user)
    return new HttpResponseRedirect(this.getSuccessUrl())
  }
}

/** The sign-in page, for a URLconf. */
export const loginView = LoginView.asView({}, neverCache)
/** Signs out by POST, for a URLconf. */
export const logoutView = LogoutView.asView({}, neverCache)
/** Makes a user and signs in, for a URLconf. */
export const signUpView = SignUpView.asView({}, neverCache)
