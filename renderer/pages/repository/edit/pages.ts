// The pages that edit as one piece, apart from those that read.
export { EditFile, NewFile, UploadFiles } from './edit-page.tsx'
