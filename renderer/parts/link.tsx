// Widgets of the kit as links of the router: client-side navigation, and still real links.
import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { forwardRef, type AnchorHTMLAttributes } from 'react'

type Html<P> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P>

export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, AnchorProps & Html<AnchorProps>>((props, ref) => <Anchor ref={ref} {...props} />),
)

export const ButtonLink = createLink(
  forwardRef<HTMLAnchorElement, ButtonProps & Html<ButtonProps>>((props, ref) => (
    <Button ref={ref} component="a" {...props} />
  )),
)

export const MenuLink = createLink(
  forwardRef<HTMLAnchorElement, NavLinkProps & Html<NavLinkProps>>((props, ref) => (
    <NavLink ref={ref} component="a" {...props} />
  )),
)
