import { defineForm } from '../forms/form.ts'
import * as field from '../forms/field.ts'

const newPasswords = {
  newPassword1: field.password({ label: 'New password', attributes: { autocomplete: 'new-password' } }),
  newPassword2: field.password({
    label: 'New password confirmation',
    attributes: { autocomplete: 'new-password' },
  }),
}

const MISMATCH = 'The two password fields didn’t match.'

/** Asks for the address that a link to a new password is sent to. */
export const PasswordResetForm = defineForm({
  fields: { email: field.email({ max: 254, attributes: { autocomplete: 'email', autofocus: true } }) },
})

/** Asks for a new password, twice. */
export const SetPasswordForm = defineForm({
  fields: newPasswords,
  clean: ({ newPassword1, newPassword2 }) =>
    newPassword1 === newPassword2 ? {} : { newPassword2: MISMATCH },
})

/** Asks for the old password and for a new one, twice. */
export const PasswordChangeForm = defineForm({
  fields: {
    oldPassword: field.password({
      label: 'Old password',
      attributes: { autocomplete: 'current-password', autofocus: true },
    }),
    ...newPasswords,
  },
  clean: ({ newPassword1, newPassword2 }) =>
    newPassword1 === newPassword2 ? {} : { newPassword2: MISMATCH },
})
