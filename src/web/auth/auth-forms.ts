import { defineForm } from '../forms/form.ts'
import * as field from '../forms/field.ts'
import { validatePassword } from './password-validation.ts'
import { normalizeUsername } from './user.ts'

/** Asks for name and password; the view finds out whether they are right. */
export const AuthenticationForm = defineForm({
  fields: {
    username: field.text({
      max: 150,
      attributes: { autofocus: true, autocomplete: 'username', autocapitalize: 'none' },
    }),
    password: field.password({ attributes: { autocomplete: 'current-password' } }),
  },
})

/** Django's letters of a name: those of all scripts, digits and @ . + - _ */
const USERNAME = /^[\p{L}\p{M}\p{N}@.+_-]+$/u

/** Asks for a new account. */
export const UserCreationForm = defineForm({
  fields: {
    username: field.text({
      max: 150,
      pattern: USERNAME,
      message:
        'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.',
      helpText: 'Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.',
      attributes: { autofocus: true, autocomplete: 'username', autocapitalize: 'none' },
    }),
    password1: field.password({ label: 'Password', attributes: { autocomplete: 'new-password' } }),
    password2: field.password({
      label: 'Password confirmation',
      helpText: 'Enter the same password as before, for verification.',
      attributes: { autocomplete: 'new-password' },
    }),
  },
  clean: ({ username, password1, password2 }) => {
    if (normalizeUsername(username) === null) return { username: 'This username is too long.' }
    if (password1 !== password2) return { password2: 'The two password fields didn’t match.' }
    const [problem] = validatePassword(password1, { username })
    return problem === undefined ? {} : { password2: problem }
  },
})
