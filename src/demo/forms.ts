import { defineForm, field, validatePassword } from 'portico/web'

/** As many characters as an entry may have; the page counts them down. */
export const maxEntryLength = 500

export const EntryForm = defineForm({
  fields: {
    text: field.textarea({
      max: maxEntryLength,
      label: 'Your line',
      helpText: 'Plain text. Empty lines begin paragraphs.',
      attributes: { rows: 6, 'aria-describedby': 'id_text_help' },
    }),
  },
})

export const SignInForm = defineForm({
  fields: {
    username: field.text({ label: 'Name', max: 150, attributes: { autocomplete: 'username' } }),
    password: field.password({ attributes: { autocomplete: 'current-password' } }),
  },
})

/** The names are those of the framework's form: its view reads them. */
export const SignUpForm = defineForm({
  fields: {
    username: field.text({
      label: 'Name',
      min: 2,
      max: 30,
      pattern: /^[\p{L}\p{N}][\p{L}\p{M}\p{N}.@+_-]*$/u,
      message: 'Letters, digits and . @ + - _ please, and a letter or a digit first.',
      helpText: 'It stands beside what you write.',
      attributes: { autocomplete: 'username', 'aria-describedby': 'id_username_help' },
    }),
    password1: field.password({
      label: 'Password',
      helpText: 'At least 8 characters.',
      attributes: { autocomplete: 'new-password', minlength: 8, 'aria-describedby': 'id_password1_help' },
    }),
    password2: field.password({
      label: 'The same password again',
      attributes: { autocomplete: 'new-password' },
    }),
  },
  clean: ({ username, password1, password2 }) => {
    if (password1 !== password2) return { password2: 'This is not the password above.' }
    const [problem] = validatePassword(password1, { username })
    return problem === undefined ? undefined : { password1: problem }
  },
})
