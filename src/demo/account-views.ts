/** Signing up, in and out: the framework's views, with this site's words. */
import {
  LoginView,
  LogoutView,
  messages,
  neverCache,
  SignUpView,
  type Form,
  type HttpRequest,
  type OutgoingResponse,
} from 'portico/web'
import { SignInForm, SignUpForm } from './forms.ts'

class SignIn extends LoginView {
  override templateName = 'account.html'
  override formClass = SignInForm
  override redirectAuthenticatedUser = true
  override extraContext = { title: 'Sign in', other: 'sign-up' }

  override async formValid(form: Form<typeof SignInForm.fields>): Promise<OutgoingResponse> {
    const response = await super.formValid(form)
    await welcome(this.request, response, 'Welcome back')
    return response
  }
}

class SignUp extends SignUpView {
  override templateName = 'account.html'
  override formClass = SignUpForm
  override extraContext = { title: 'Sign up', other: 'sign-in' }

  override async formValid(form: Form<typeof SignUpForm.fields>): Promise<OutgoingResponse> {
    const response = await super.formValid(form)
    await welcome(this.request, response, 'Welcome')
    return response
  }
}

/** Greets whoever has just come in; a response that asks again is no entrance. */
async function welcome(request: HttpRequest, response: OutgoingResponse, words: string): Promise<void> {
  const user = await request.user()
  if (response.status === 302 && user.isAuthenticated)
    messages.success(request, `${words}, ${user.username}.`)
}

class SignOut extends LogoutView {
  override nextPage = 'guestbook'

  override async post(request: HttpRequest): Promise<OutgoingResponse> {
    const response = await super.post(request)
    messages.info(request, 'You have signed out. Come again.')
    return response
  }
}

export const signIn = SignIn.asView({}, neverCache)
export const signUp = SignUp.asView({}, neverCache)
export const signOut = SignOut.asView({}, neverCache)
