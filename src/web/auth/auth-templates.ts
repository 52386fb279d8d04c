/** Pages of the sign-in views for a site that has none of its own yet: its own come first. */
import { memorySource } from '../template/template-source.ts'

const base = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>\n`

const form = (button: string): string =>
  '<form method="post">{% csrf_token %}{% for error in form.nonFieldErrors %}<p role="alert">{{ error }}</p>{% endfor %}' +
  '{% for field in form %}<p><label for="{{ field.id }}">{{ field.label }}</label> {{ field.html|safe }}{% for error in field.errors %} <em role="alert">{{ error }}</em>' +
  '{% endfor %}</p>{% endfor %}{% if next %}<input type="hidden" name="next" value="{{ next }}">{% endif %}' +
  `<button>${button}</button></form>`

/** Used after the site's own folders. */
export const authTemplates = memorySource({
  'registration/login.html': base('Sign in', form('Sign in')),
  'registration/signup.html': base('Sign up', form('Sign up')),
  'registration/logged_out.html': base('Signed out', '<p>You are signed out.</p>'),
  'registration/password_change_form.html': base('Change password', form('Change password')),
  'registration/password_change_done.html': base('Password changed', '<p>Your password is changed.</p>'),
  'registration/password_reset_form.html': base('Reset password', form('Send the link')),
  'registration/password_reset_done.html': base(
    'Reset password',
    '<p>If there is an account with that address, a link to a new password is on its way to it.</p>',
  ),
  'registration/password_reset_confirm.html': base(
    'New password',
    `{% if validlink %}${form('Set password')}{% else %}<p>This link is not good: it was used already, or is too old.</p>{% endif %}`,
  ),
  'registration/password_reset_complete.html': base('New password', '<p>Your new password is set.</p>'),
  'registration/password_reset_subject.txt':
    '{% autoescape off %}Password reset on {{ host }}{% endautoescape %}',
  'registration/password_reset_email.txt':
    '{% autoescape off %}Somebody, you we hope, asked for a new password for your account at {{ host }}.\n\n' +
    'To choose one, follow this link:\n\n{{ link }}\n\nYour username, in case you forgot: {{ user.username }}\n\n' +
    'If it was not you, do nothing: your password stays as it is.\n{% endautoescape %}',
})
