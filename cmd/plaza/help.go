package main

import (
	"bytes"
	"strings"

	"github.com/alecthomas/kong"
)

// parser makes the parser of the command line, its help in the reader's language.
func (a *app) parser(c *cli) (*kong.Kong, error) {
	k, err := kong.New(c,
		kong.Name("plaza"), kong.Description(a.l.T("cmd.about")), kong.Writers(a.out, a.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Help(a.help), kong.Bind(a))
	if err != nil {
		return nil, err
	}
	a.translate(k.Model.Node, "")
	return k, nil
}

// translate gives every command, argument and flag its sentence.
func (a *app) translate(n *kong.Node, path string) {
	for _, f := range n.Flags {
		switch {
		case f.Name == "help":
			f.Help = a.l.T("cmd.help")
		case path == "":
			f.Help = a.l.T("config." + strings.ReplaceAll(f.Name, "-", "_"))
		default:
			f.Help = a.l.T("cmd" + path + "." + strings.ReplaceAll(f.Name, "-", "_"))
		}
	}
	for _, p := range n.Positional {
		p.Help = a.l.T("cmd" + path + "." + strings.ToLower(p.Name))
	}
	for _, child := range n.Children {
		child.Help = a.l.T("cmd" + path + "." + child.Name)
		a.translate(child, path+"."+child.Name)
	}
}

// help prints kong's help with kong's own words translated. The settings are shown
// once, by plaza --help.
func (a *app) help(options kong.HelpOptions, ctx *kong.Context) error {
	var b bytes.Buffer
	if ctx.Selected() != nil {
		for _, f := range ctx.Model.Flags {
			f.Hidden = len(f.Envs) > 0
		}
	}
	out := ctx.Stdout
	ctx.Stdout = &b
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	if ctx.Selected() != nil {
		b.WriteString("\n" + a.l.T("cmd.word.settings") + "\n")
	}
	words := []string{}
	for _, w := range []struct{ kong, key string }{
		{"Usage: ", "cmd.word.usage"}, {"\nArguments:\n", "cmd.word.arguments"}, {"\nFlags:\n", "cmd.word.flags"},
		{"\nCommands:\n", "cmd.word.commands"}, {"<command>", "cmd.word.command"}, {"[flags]", "cmd.word.optional"},
		{"\nRun \"", "cmd.word.run"}, {" --help\" for more information on a command.", "cmd.word.more"},
	} {
		said := a.l.T(w.key)
		if strings.HasPrefix(w.kong, "\n") {
			said = "\n" + said
		}
		if strings.HasSuffix(w.kong, "\n") {
			said += "\n"
		}
		words = append(words, w.kong, said)
	}
	_, err = strings.NewReplacer(words...).WriteString(out, b.String())
	return err
}
