import { ImproperlyConfigured } from '../exceptions.ts'
import type { Cleaned, FieldSet, Form, FormClass, FormInput } from '../forms/form.ts'
import { ModelForm, modelForm, type ModelFormClass } from '../forms/model-form.ts'
import type { ModelClass, Shape } from '../db/types.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponseRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { hasAbsoluteUrl } from '../shortcuts.ts'
import { isModelClass, RowView } from './detail-view.ts'
import { plainText } from './plain-text.ts'
import type { Lookups, SavableRow } from './row-source.ts'
import { RenderingView } from './template-view.ts'
import type { Kwargs } from './view.ts'

/** What a view needs to make its form for a request. */
async function formFor<F extends FieldSet>(
  request: HttpRequest,
  formClass: FormClass<F>,
  initial: Partial<Cleaned<F>>,
  prefix: string | null,
): Promise<Form<F>> {
  const input: FormInput<F> = { initial, ...(prefix !== null && { prefix }) }
  if (request.method !== 'POST' && request.method !== 'PUT') return formClass.make(input)
  const { fields, files } = await request.form()
  return formClass.make({ ...input, data: fields, files })
}

/** Asks with a form, and goes on when it is valid; else asks again, with what was typed and what was wrong. */
export class FormView<F extends FieldSet = FieldSet, K extends object = Kwargs> extends RenderingView<K> {
  formClass: FormClass<F> | null = null
  initial: Partial<Cleaned<F>> = {}
  /** Before the names of the fields, for several forms on one page. */
  prefix: string | null = null
  successUrl: string | null = null

  /** A copy: what a view adds to it is for its own request, and `asView` may have been given one for all. */
  getInitial(): MaybePromise<Partial<Cleaned<F>>> {
    return { ...this.initial }
  }

  /** @throws ImproperlyConfigured */
  getFormClass(): FormClass<F> {
    if (this.formClass !== null) return this.formClass
    throw new ImproperlyConfigured(`${this.constructor.name} needs a formClass`)
  }

  async getForm(): Promise<Form<F>> {
    return formFor(this.request, this.getFormClass(), await this.getInitial(), this.prefix)
  }

  /** @throws ImproperlyConfigured */
  getSuccessUrl(): string {
    if (this.successUrl !== null) return this.successUrl
    throw new ImproperlyConfigured(`${this.constructor.name} needs a successUrl, or getSuccessUrl()`)
  }

  /** What to do with a valid form. */
  formValid(_form: Form<F>): MaybePromise<OutgoingResponse> {
    return new HttpResponseRedirect(this.getSuccessUrl())
  }

  async formInvalid(form: Form<F>): Promise<OutgoingResponse> {
    return this.renderToResponse(await this.getContextData({ form }))
  }

  override async get(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    return this.formInvalid(await this.getForm())
  }

  override async post(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    const form = await this.getForm()
    return (await form.isValid()) ? this.formValid(form) : this.formInvalid(form)
  }

  /** As POST. The fields of a form are read of POST only, as in Django. */
  override put(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.post(request, kwargs)
  }
}

/** Whether a class of forms is a model's, whose forms save themselves. */
const isModelForm = (kind: object): kind is ModelFormClass<FieldSet, object> => 'meta' in kind

/** The parent of the views that make and change a row by a form. */
class RowFormView<T extends object, F extends FieldSet = FieldSet, K extends object = Kwargs> extends RowView<
  T,
  K
> {
  formClass: FormClass<F> | null = null
  /** Instead of a `formClass`: the model's fields that the form has, and a request can change. */
  fields: readonly string[] | '__all__' | null = null
  initial: Partial<Cleaned<F>> = {}
  /** Before the names of the fields, for several forms on one page. */
  prefix: string | null = null
  /** `{id}` in it is the row's. */
  successUrl: string | null = null
  override templateNameSuffix = '_form'

  getInitial(): MaybePromise<Partial<Cleaned<F>>> {
    return { ...this.initial }
  }

  /** `formClass`, or a form of the model with `fields`. @throws ImproperlyConfigured */
  getFormClass(): FormClass<F> {
    const { formClass, fields } = this
    if (formClass !== null && fields !== null) {
      throw new ImproperlyConfigured("Specifying both 'fields' and 'formClass' is not permitted.")
    }
    if (formClass !== null) return formClass
    const model = fields === null ? null : this.#formModel()
    if (fields === null || model === null) {
      throw new ImproperlyConfigured(
        `Using ${this.constructor.name} without a formClass, or a model and the 'fields' of its form, is prohibited.`,
      )
    }
    // What the fields give is known to the model, not to the view's type parameter.
    return formOf(model, fields) as unknown as FormClass<F>
  }

  /** The model that the view names, or else that of its row. */
  #formModel(): ModelClass<Shape> | null {
    const { model, object } = this
    const kind: unknown = model ?? object?.constructor
    return isModelClass(kind) ? kind : null
  }

  async getForm(): Promise<Form<F>> {
    const kind = this.getFormClass()
    const instance = isModelForm(kind) ? (this.object ?? (await this.newObject())) : null
    const made = isModelForm(kind) && instance !== null ? withInstance(kind, instance) : kind
    return formFor(this.request, made as FormClass<F>, await this.getInitial(), this.prefix)
  }

  /** The row that a model form begins with when there is none yet: with the values that no request may choose. */
  newObject(): MaybePromise<T | null> {
    return null
  }

  /** `successUrl`, or else the row's own page. @throws ImproperlyConfigured */
  getSuccessUrl(): string {
    const row = this.object
    if (this.successUrl !== null) return row === null ? this.successUrl : filledIn(this.successUrl, row)
    if (row !== null && hasAbsoluteUrl(row)) return row.getAbsoluteUrl()
    throw new ImproperlyConfigured(
      `${this.constructor.name} needs a successUrl, or its rows a getAbsoluteUrl()`,
    )
  }

  /** Stores what the form gave: a model form saves itself. */
  saveForm(form: Form<F>): Promise<T> {
    if (form instanceof ModelForm) return (form as ModelForm<F, T & object>).save()
    throw new Error(`${this.constructor.name} does not say how its form is saved`)
  }

  async formValid(form: Form<F>): Promise<OutgoingResponse> {
    this.object = await this.saveForm(form)
    return new HttpResponseRedirect(this.getSuccessUrl())
  }

  async formInvalid(form: Form<F>): Promise<OutgoingResponse> {
    return this.renderToResponse(await this.getContextData({ form, ...this.objectContext() }))
  }

  /** Gets the row that the form is about; none when it is to be made. */
  findObject(): MaybePromise<T | null> {
    return null
  }

  override async get(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    this.object = await this.findObject()
    return this.formInvalid(await this.getForm())
  }

  override async post(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    this.object = await this.findObject()
    const form = await this.getForm()
    return (await form.isValid()) ? this.formValid(form) : this.formInvalid(form)
  }

  /** As POST. The fields of a form are read of POST only, as in Django. */
  override put(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.post(request, kwargs)
  }
}

/** Made once for a model and its fields: a view is made for each request. */
const formsOf = new WeakMap<object, Map<string, ModelFormClass<FieldSet, object>>>()

function formOf(
  model: ModelClass<Shape>,
  fields: readonly string[] | '__all__',
): ModelFormClass<FieldSet, object> {
  const known = formsOf.get(model) ?? new Map<string, ModelFormClass<FieldSet, object>>()
  formsOf.set(model, known)
  const key = fields === '__all__' ? fields : fields.join()
  const form = known.get(key) ?? modelForm(model, { fields })
  known.set(key, form)
  return form
}

/** The same kind of form, for one row. */
const withInstance = (kind: ModelFormClass<FieldSet, object>, instance: object): FormClass<FieldSet> => ({
  fields: kind.fields,
  make: (input = {}) => kind.make({ ...input, instance }),
})

/** `{id}`, or `%(id)s` as Django had it before: the row's value. @throws ImproperlyConfigured for what it has not */
function filledIn(url: string, row: object): string {
  return url.replace(/\{(\w+)\}|%\((\w+)\)s/g, (_all, name?: string, older?: string) => {
    const key = name ?? older ?? ''
    const text = plainText(Reflect.get(row, key))
    if (text !== '') return encodeURIComponent(text)
    throw new ImproperlyConfigured(`The successUrl ${url} names ${key}, which the row has not.`)
  })
}

/** Makes a row from a valid form. Only the form's fields reach it. */
export class CreateView<
  T extends object,
  F extends FieldSet = FieldSet,
  K extends object = Kwargs,
> extends RowFormView<T, F, K> {
  override async saveForm(form: Form<F>): Promise<T> {
    if (form instanceof ModelForm) return super.saveForm(form)
    return this.getQueryset().create(form.cleanedData)
  }
}

/** Changes a row by a valid form. Only the form's fields reach it. */
export class UpdateView<
  T extends SavableRow,
  F extends FieldSet = FieldSet,
  K extends object = Kwargs,
> extends RowFormView<T, F, K> {
  override findObject(): MaybePromise<T | null> {
    return this.getObject()
  }

  /** The row's values, for the fields that the form has. */
  override getInitial(): MaybePromise<Partial<Cleaned<F>>> {
    // A model form knows its row.
    if (this.formClass === null || isModelForm(this.formClass)) return { ...this.initial }
    const values: Lookups = { ...this.object }
    const names = Object.keys(this.formClass.fields).filter((name) => values[name] !== undefined)
    const present = Object.fromEntries(names.map((name) => [name, values[name]]))
    return { ...present, ...this.initial }
  }

  override async saveForm(form: Form<F>): Promise<T> {
    if (form instanceof ModelForm) return super.saveForm(form)
    const row = this.object ?? (await this.getObject())
    Object.assign(row, form.cleanedData)
    await row.save()
    return row
  }
}

/** Asks, and deletes the row on POST. */
export class DeleteView<T extends SavableRow, K extends object = Kwargs> extends RowView<T, K> {
  override templateNameSuffix = '_confirm_delete'
  successUrl: string | null = null

  /** @throws ImproperlyConfigured */
  getSuccessUrl(): string {
    if (this.successUrl !== null)
      return this.object === null ? this.successUrl : filledIn(this.successUrl, this.object)
    throw new ImproperlyConfigured(
      `${this.constructor.name} needs a successUrl: its row has no page any more`,
    )
  }

  override async get(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    this.object = await this.getObject()
    return this.renderToResponse(await this.getContextData(this.objectContext()))
  }

  override async post(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    this.object = await this.getObject()
    const successUrl = this.getSuccessUrl()
    await this.object.delete()
    return new HttpResponseRedirect(successUrl)
  }

  override delete(request: HttpRequest, kwargs: K): Promise<OutgoingResponse> {
    return this.post(request, kwargs)
  }
}
