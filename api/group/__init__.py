"""The group's centre: holds the seals of several mills, and shows what they vouch for.

It computes no footprint and edits none. What a mill sends is kept where it is signed by the mill's
own key and is refused whole where anything of it is not.
"""
