"""How residents put things: what to leave out of a sentence, and what words the catalogue uses.

Searching compares what was typed with names and aliases. These words make whole sentences
comparable; they never replace what was typed, which is always looked for first.
"""

import re

#: Words around the matter itself: 请问怎么办一下…
_AROUND = re.compile(
    "请问|怎么办理?|怎么样?|如何|哪里|那里|哪儿|去哪|什么时候|什么|需要|可以|能不能|我想要?|我要|我的"
    "|帮我?|一下|一[张本个份]|手续|手序|材料|有没有|找谁|没人|吗|嘛|呢|啊|吧|的|了|我|你|想|要|给|把|去"
)
#: What residents say, and what names and aliases say instead; longer ones first.
_INSTEAD = (
    ("我妈是我妈", "亲属关系"),
    ("六十五岁", "65岁"),
    ("六十岁", "60岁"),
    ("七十岁", "70岁"),
    ("八十岁", "80岁"),
    ("九十岁", "90岁"),
    ("大学生", "毕业生"),
    ("不见了", "丢了"),
    ("掉了", "丢了"),
    ("弄丢", "丢了"),
    ("丢失", "丢了"),
    ("遗失", "丢了"),
    ("爸妈", "父母"),
    ("外国", "国外"),
    ("身分证", "身份证"),
    ("旅游", "通行证"),
    ("小孩", "孩子"),
    ("娃娃", "宝宝"),
    ("婴儿", "宝宝"),
    ("儿子", "子女"),
    ("女儿", "子女"),
    ("怀孕", "孕妇"),
    ("三胎", "生娃"),
    ("二胎", "生娃"),
    ("饭店", "饭店许可证"),
    ("餐馆", "饭店许可证"),
    ("房子", "房产"),
    ("依伯", "老人"),
    ("依姆", "老人"),
    ("阿公", "老人"),
    ("阿嬷", "老人"),
    ("厝", "房产"),
    ("娃", "孩子"),
    ("取名", "起名"),
    ("楼上漏水", "漏水纠纷"),
)


def core(typed: str) -> str:
    """The words that name the matter; all of what was typed if nothing else is left."""
    return _AROUND.sub("", typed) or typed


def in_catalogue_words(typed: str) -> str:
    """What was typed, with everyday words replaced by those of names and aliases."""
    for said, written in _INSTEAD:
        if said in typed:
            typed = typed.replace(said, written)
    return typed
