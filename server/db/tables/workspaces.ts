// The tables of workspaces, their members and their projects.
export interface WorkspaceTable {
  id: string
  slug: string
  name: string
  /** The person whose own workspace it is; null for a team's. */
  owner_id: string | null
  /** What a member may do in each repository that says nothing else about them. */
  member_permission: 'none' | 'read' | 'write' | 'admin'
  created_at: string
  updated_at: string
}

export interface MemberTable {
  workspace_id: string
  user_id: string
  role: 'owner' | 'member' | 'collaborator'
  created_at: string
}

export interface GroupTable {
  id: string
  workspace_id: string
  slug: string
  name: string
}

export interface ProjectTable {
  id: string
  workspace_id: string
  key: string
  name: string
  description: string
  is_private: number
  created_at: string
  updated_at: string
}
