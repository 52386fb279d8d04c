import { describe, expect, test } from 'vitest'
import {
  defineForm,
  field,
  formset,
  QueryDict,
  UploadedFile,
  MultiValueDict,
  type StandardSchema,
} from 'portico/web'

/** What a validation library gives: asynchronous, several issues, a value of another type. */
const evenNumber: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      const number = Number(value)
      if (Number.isNaN(number)) return { issues: [{ message: 'no number' }, { message: 'really none' }] }
      return number % 2 === 0 ? { value: number } : { issues: [{ message: 'odd', path: ['n'] }] }
    },
  },
}

const Sample = defineForm({
  fields: {
    name: field.text({ max: 4, label: 'Your name' }),
    n: field.field(evenNumber, { widget: 'number' }),
    agree: field.checkbox(),
    colour: field.choice([
      ['r', 'Red'],
      ['g', '<Green>'],
    ]),
    notes: field.textarea({ required: false }),
  },
  clean: async (data) => (data.name === data.colour ? { '': 'A colour is no name.' } : undefined),
})

const form = (fields: Record<string, string>) => Sample.make({ data: new QueryDict(Object.entries(fields)) })
const good = { name: 'ann', n: '4', agree: 'on', colour: 'g' }

describe('a form', () => {
  test('that was sent and is valid gives typed values, and nothing that has no field', async () => {
    const sent = form({ ...good, isAdmin: '1' })
    expect(await sent.isValid()).toBe(true)
    const { name, n, agree, colour } = sent.cleanedData
    expect([name.length, n + 1, agree, colour satisfies 'r' | 'g']).toEqual([3, 5, true, 'g'])
    expect(Object.keys(sent.cleanedData)).toEqual(['name', 'n', 'agree', 'colour', 'notes'])
  })

  test('that was not sent is not valid, and has no errors', async () => {
    const asked = Sample.make({ initial: { name: 'bob' } })
    expect([asked.isBound, await asked.isValid(), asked.errors.size]).toEqual([false, false, 0])
    expect(asked.field('name').value).toBe('bob')
    expect(() => asked.cleanedData).toThrow('isValid')
  })

  test.each([
    [{ name: '' }, { name: ['This field is required.'] }],
    [{ name: '  ' }, { name: ['This field is required.'] }],
    [{ name: '👩‍👧x' }, {}],
    [{ name: 'abcde' }, { name: ['Ensure this value has at most 4 characters (it has 5).'] }],
    [{ name: 'a\0' }, { name: ['Null characters are not allowed.'] }],
    [{ n: '3' }, { n: ['odd'] }],
    [{ n: 'x' }, { n: ['no number', 'really none'] }],
    [
      { colour: 'b' },
      { colour: ['Select a valid choice. That choice is not one of the available choices.'] },
    ],
    [{ name: 'g' }, { '': ['A colour is no name.'] }],
  ])('with %j has the errors %j', async (change, errors) => {
    const sent = form({ ...good, ...change })
    expect(await sent.isValid()).toBe(Object.keys(errors).length === 0)
    expect(Object.fromEntries(sent.errors)).toEqual(errors)
  })

  test('takes errors found elsewhere', async () => {
    const sent = form(good)
    await sent.isValid()
    sent.addError('name', 'Taken.')
    expect(sent.field('name').errors).toEqual(['Taken.'])
    expect(() => sent.cleanedData).toThrow()
  })

  test('shows each field with what was typed, escaped', async () => {
    const sent = form({ ...good, name: '"<', notes: '</textarea>' })
    expect([...sent].map((one) => one.html)).toEqual([
      '<input type="text" name="name" value="&quot;&lt;" maxlength="4" required id="id_name">',
      '<input type="number" name="n" value="4" required id="id_n">',
      '<input type="checkbox" name="agree" id="id_agree" checked>',
      '<select name="colour" id="id_colour">\n  <option value="r">Red</option>\n\n' +
        '  <option value="g" selected>&lt;Green&gt;</option>\n\n</select>',
      '<textarea name="notes" cols="40" rows="10" id="id_notes">\n&lt;/textarea&gt;</textarea>',
    ])
    expect([...sent].map((one) => one.label)).toEqual(['Your name', 'N', 'Agree', 'Colour', 'Notes'])
  })

  test('of several on a page has its prefix', async () => {
    const sent = Sample.make({ data: new QueryDict([['x-name', 'ann']]), prefix: 'x' })
    await sent.isValid()
    expect([sent.field('name').htmlName, sent.field('name').value]).toEqual(['x-name', 'ann'])
    expect(sent.errors.has('name')).toBe(false)
  })

  test('never shows a password again, and takes it as it was typed', async () => {
    const Secret = defineForm({ fields: { password: field.password() } })
    const sent = Secret.make({ data: new QueryDict([['password', ' secret ']]) })
    expect(await sent.isValid()).toBe(true)
    expect(sent.cleanedData.password).toBe(' secret ')
    expect(sent.field('password').html).not.toContain('secret')
  })

  test.each([
    ['ann@example.com', true],
    ['ann@localhost', false],
    ['a@b.c', true],
    ['a b@example.com', false],
    ['@example.com', false],
    ['ann@example.com\n', true],
    ['ann@example.com\nbcc: x@y.z', false],
    ['a'.repeat(400) + '@example.com', false],
  ])('takes the address %j: %s', async (address, valid) => {
    const Mail = defineForm({ fields: { mail: field.email() } })
    expect(await Mail.make({ data: new QueryDict([['mail', address]]) }).isValid()).toBe(valid)
  })

  test('takes a file of its size', async () => {
    const Upload = defineForm({ fields: { doc: field.file({ maxSize: 4 }) } })
    const valid = (content: string | null) => {
      const files = new MultiValueDict<UploadedFile>()
      const about = { name: 'a', contentType: 'text/plain', fieldName: 'doc' }
      if (content !== null) files.append('doc', new UploadedFile(about, Buffer.from(content)))
      return Upload.make({ data: new QueryDict(), files }).isValid()
    }
    expect([await valid('abcd'), await valid('abcde'), await valid(''), await valid(null)]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })
})

describe('A formset', () => {
  test.each([
    [{}, 1000 + 1000],
    [{ maxNum: 3 }, 3 + 1000],
    [{ maxNum: 3, absoluteMax: 5 }, 5],
  ])(
    'of %j makes no more forms than its maximum and a thousand, however many are announced',
    async (options, most) => {
      const Names = formset(defineForm({ fields: { name: field.text({ required: false }) } }), options)
      const announced = async (total: string) => {
        const data = new QueryDict(Object.entries({ 'form-TOTAL_FORMS': total, 'form-INITIAL_FORMS': '0' }))
        const names = Names.make({ data })
        expect(await names.isValid()).toBe(false)
        return names.forms.length
      }
      expect(await announced('999999')).toBe(most)
      expect(await announced('1000000')).toBe(0)
    },
  )
})
