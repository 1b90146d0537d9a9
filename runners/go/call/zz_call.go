// Calls a function of a program: the call comes on standard input, the answer goes into the file call.result.
package main

import (
	sandboxBytes "bytes"
	sandboxJson "encoding/json"
	sandboxFmt "fmt"
	sandboxIo "io"
	sandboxMath "math"
	sandboxOs "os"
	sandboxReflect "reflect"
	sandboxSort "sort"
	sandboxStrconv "strconv"
	sandboxStrings "strings"
)

var sandboxCalls = map[string]interface{}{
@CALLS@
}

const sandboxDeepest = 100

type sandboxMismatch struct{ said string }
type sandboxUnsupported struct{ name string }

var sandboxResult *sandboxOs.File

// The last function of this name to run: the program's own ones stand in a file before this one.
func init() {
	file, err := sandboxOs.OpenFile("call.result", sandboxOs.O_WRONLY|sandboxOs.O_CREATE|sandboxOs.O_EXCL|sandboxOs.O_APPEND, 0644)
	if err != nil {
		sandboxOs.Exit(1)
	}
	sandboxResult = file
	text, _ := sandboxIo.ReadAll(sandboxOs.Stdin)
	var call struct {
		Function  string        `json:"function"`
		Arguments []interface{} `json:"arguments"`
	}
	decoder := sandboxJson.NewDecoder(sandboxBytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&call) != nil {
		sandboxOs.Exit(1)
	}
	callee, ok := sandboxCalls[call.Function]
	if !ok {
		sandboxAnswer("missing", call.Function)
	}
	function := sandboxReflect.ValueOf(callee)
	kind := function.Type()
	if kind.Kind() != sandboxReflect.Func || kind.NumIn() != len(call.Arguments) || kind.IsVariadic() {
		sandboxAnswer("missing", call.Function)
	}
	given := sandboxGiven(call.Function, kind, call.Arguments)
	answers := function.Call(given)
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case sandboxUnsupported:
			sandboxAnswer("unsupported", problem.name)
		default:
			panic(problem)
		}
	}()
	var out sandboxStrings.Builder
	switch {
	case len(answers) == 1:
		sandboxWrite(&out, answers[0], 0)
	case len(answers) > 1:
		out.WriteString("[")
		for i, answer := range answers {
			if i > 0 {
				out.WriteString(", ")
			}
			sandboxWrite(&out, answer, 1)
		}
		out.WriteString("]")
	case len(given) > 0:
		sandboxWrite(&out, given[0], 0)
	default:
		out.WriteString("null")
	}
	sandboxAnswer("returned", out.String())
}

func sandboxAnswer(kind string, text string) {
	if _, err := sandboxResult.WriteString(sandboxFmt.Sprintf("%s %d\n%s", kind, len(text), text)); err != nil {
		sandboxOs.Exit(1)
	}
	sandboxOs.Exit(0)
}

func sandboxGiven(name string, kind sandboxReflect.Type, arguments []interface{}) []sandboxReflect.Value {
	defer func() {
		if mismatch, ok := recover().(sandboxMismatch); ok {
			sandboxOs.Stderr.WriteString("the arguments do not fit " + name + ": " + mismatch.said + "\n")
			sandboxAnswer("missing", name)
		}
	}()
	given := make([]sandboxReflect.Value, len(arguments))
	for i, argument := range arguments {
		given[i] = sandboxMade(argument, kind.In(i))
	}
	return given
}

// What the function wants, made of what was sent; a byte or a rune may be sent as a text of one character.
func sandboxMade(value interface{}, kind sandboxReflect.Type) sandboxReflect.Value {
	made := sandboxReflect.New(kind).Elem()
	switch kind.Kind() {
	case sandboxReflect.Bool:
		made.SetBool(sandboxFitting(value, false).(bool))
	case sandboxReflect.String:
		made.SetString(sandboxFitting(value, "").(string))
	case sandboxReflect.Int, sandboxReflect.Int8, sandboxReflect.Int16, sandboxReflect.Int32, sandboxReflect.Int64:
		if text, ok := value.(string); ok && kind.Kind() == sandboxReflect.Int32 && len([]rune(text)) == 1 {
			made.SetInt(int64([]rune(text)[0]))
			break
		}
		number, err := sandboxStrconv.ParseInt(string(sandboxFitting(value, sandboxJson.Number("")).(sandboxJson.Number)), 10, kind.Bits())
		if err != nil {
			panic(sandboxMismatch{err.Error()})
		}
		made.SetInt(number)
	case sandboxReflect.Uint, sandboxReflect.Uint8, sandboxReflect.Uint16, sandboxReflect.Uint32, sandboxReflect.Uint64:
		if text, ok := value.(string); ok && kind.Kind() == sandboxReflect.Uint8 && len(text) == 1 {
			made.SetUint(uint64(text[0]))
			break
		}
		number, err := sandboxStrconv.ParseUint(string(sandboxFitting(value, sandboxJson.Number("")).(sandboxJson.Number)), 10, kind.Bits())
		if err != nil {
			panic(sandboxMismatch{err.Error()})
		}
		made.SetUint(number)
	case sandboxReflect.Float32, sandboxReflect.Float64:
		number, err := sandboxFitting(value, sandboxJson.Number("")).(sandboxJson.Number).Float64()
		if err != nil {
			panic(sandboxMismatch{err.Error()})
		}
		made.SetFloat(number)
	case sandboxReflect.Slice, sandboxReflect.Array:
		items, _ := sandboxFitting(value, []interface{}{}).([]interface{})
		if kind.Kind() == sandboxReflect.Slice {
			made.Set(sandboxReflect.MakeSlice(kind, len(items), len(items)))
		} else if len(items) != kind.Len() {
			panic(sandboxMismatch{"another length"})
		}
		for i, item := range items {
			made.Index(i).Set(sandboxMade(item, kind.Elem()))
		}
	case sandboxReflect.Map:
		entries, _ := sandboxFitting(value, map[string]interface{}{}).(map[string]interface{})
		made.Set(sandboxReflect.MakeMap(kind))
		for key, each := range entries {
			var written interface{} = key
			if kind.Key().Kind() != sandboxReflect.String {
				written = sandboxJson.Number(key)
			}
			made.SetMapIndex(sandboxMade(written, kind.Key()), sandboxMade(each, kind.Elem()))
		}
	case sandboxReflect.Ptr:
		if value != nil {
			sandboxNodes(made, value, kind.Elem())
		}
	case sandboxReflect.Interface:
		made.Set(sandboxReflect.ValueOf(value))
	default:
		panic(sandboxMismatch{"a parameter of type " + kind.String()})
	}
	return made
}

func sandboxFitting(value interface{}, like interface{}) interface{} {
	if sandboxReflect.TypeOf(value) != sandboxReflect.TypeOf(like) {
		panic(sandboxMismatch{sandboxFmt.Sprintf("no %T", like)})
	}
	return value
}

// ---------------------------------------------------------------- lists and trees of nodes, as LeetCode writes them

func sandboxIsNode(kind sandboxReflect.Type, fields ...string) bool {
	if kind.Kind() != sandboxReflect.Struct {
		return false
	}
	for _, name := range fields {
		if field, ok := kind.FieldByName(name); !ok || (name != "Val" && field.Type != sandboxReflect.PtrTo(kind)) {
			return false
		}
	}
	return true
}

func sandboxNodes(made sandboxReflect.Value, value interface{}, kind sandboxReflect.Type) {
	isList := sandboxIsNode(kind, "Val", "Next")
	if !isList && !sandboxIsNode(kind, "Val", "Left", "Right") {
		panic(sandboxMismatch{"a parameter of type *" + kind.String()})
	}
	var nodes []sandboxReflect.Value
	for _, item := range sandboxFitting(value, []interface{}{}).([]interface{}) {
		node := sandboxReflect.Zero(sandboxReflect.PtrTo(kind))
		if item != nil {
			node = sandboxReflect.New(kind)
			node.Elem().FieldByName("Val").Set(sandboxMade(item, node.Elem().FieldByName("Val").Type()))
		}
		nodes = append(nodes, node)
	}
	if len(nodes) == 0 {
		return
	}
	made.Set(nodes[0])
	child := 1
	for _, parent := range nodes {
		if parent.IsNil() {
			continue
		}
		for _, side := range map[bool][]string{true: {"Next"}, false: {"Left", "Right"}}[isList] {
			if child < len(nodes) {
				parent.Elem().FieldByName(side).Set(nodes[child])
				child++
			}
		}
	}
}

func sandboxWriteNodes(out *sandboxStrings.Builder, first sandboxReflect.Value, kind sandboxReflect.Type, depth int) {
	sides := []string{"Left", "Right"}
	if sandboxIsNode(kind, "Val", "Next") {
		sides = []string{"Next"}
	}
	nodes := []sandboxReflect.Value{first}
	for at := 0; at < len(nodes); at++ {
		if len(nodes) > 10000000 {
			panic(sandboxUnsupported{"nodes without an end"})
		}
		if !nodes[at].IsNil() {
			for _, side := range sides {
				nodes = append(nodes, nodes[at].Elem().FieldByName(side))
			}
		}
	}
	for len(nodes) > 0 && nodes[len(nodes)-1].IsNil() {
		nodes = nodes[:len(nodes)-1]
	}
	out.WriteString("[")
	for i, node := range nodes {
		if i > 0 {
			out.WriteString(", ")
		}
		if node.IsNil() {
			out.WriteString("null")
		} else {
			sandboxWrite(out, node.Elem().FieldByName("Val"), depth+1)
		}
	}
	out.WriteString("]")
}

// ---------------------------------------------------------------- the answer, written as JSON

func sandboxWrite(out *sandboxStrings.Builder, value sandboxReflect.Value, depth int) {
	if depth > sandboxDeepest {
		panic(sandboxUnsupported{"containers more than 100 deep"})
	}
	switch value.Kind() {
	case sandboxReflect.Bool:
		out.WriteString(sandboxStrconv.FormatBool(value.Bool()))
	case sandboxReflect.String:
		sandboxText(out, value.String())
	case sandboxReflect.Int, sandboxReflect.Int8, sandboxReflect.Int16, sandboxReflect.Int32, sandboxReflect.Int64:
		out.WriteString(sandboxStrconv.FormatInt(value.Int(), 10))
	case sandboxReflect.Uint8:
		sandboxText(out, string(rune(value.Uint())))
	case sandboxReflect.Uint, sandboxReflect.Uint16, sandboxReflect.Uint32, sandboxReflect.Uint64:
		out.WriteString(sandboxStrconv.FormatUint(value.Uint(), 10))
	case sandboxReflect.Float32, sandboxReflect.Float64:
		sandboxFloat(out, value.Float())
	case sandboxReflect.Slice, sandboxReflect.Array:
		out.WriteString("[")
		for i := 0; i < value.Len(); i++ {
			if i > 0 {
				out.WriteString(", ")
			}
			sandboxWrite(out, value.Index(i), depth+1)
		}
		out.WriteString("]")
	case sandboxReflect.Map:
		sandboxMap(out, value, depth)
	case sandboxReflect.Ptr:
		kind := value.Type().Elem()
		if !sandboxIsNode(kind, "Val", "Next") && !sandboxIsNode(kind, "Val", "Left", "Right") {
			panic(sandboxUnsupported{value.Type().String()})
		}
		sandboxWriteNodes(out, value, kind, depth)
	case sandboxReflect.Interface:
		if value.IsNil() {
			out.WriteString("null")
		} else {
			sandboxWrite(out, value.Elem(), depth)
		}
	default:
		panic(sandboxUnsupported{value.Type().String()})
	}
}

func sandboxText(out *sandboxStrings.Builder, text string) {
	written, _ := sandboxJson.Marshal(text)
	out.Write(written)
}

func sandboxFloat(out *sandboxStrings.Builder, number float64) {
	switch {
	case sandboxMath.IsNaN(number):
		out.WriteString(`{"$float": "nan"}`)
	case sandboxMath.IsInf(number, 1):
		out.WriteString(`{"$float": "inf"}`)
	case sandboxMath.IsInf(number, -1):
		out.WriteString(`{"$float": "-inf"}`)
	default:
		text := sandboxStrconv.FormatFloat(number, 'g', -1, 64)
		if !sandboxStrings.ContainsAny(text, ".e") {
			text += ".0"
		}
		out.WriteString(text)
	}
}

func sandboxMap(out *sandboxStrings.Builder, value sandboxReflect.Value, depth int) {
	written := map[string]sandboxReflect.Value{}
	plain := true
	for _, key := range value.MapKeys() {
		name := sandboxFmt.Sprint(key.Interface())
		plain = plain && !sandboxStrings.HasPrefix(name, "$")
		written[name] = value.MapIndex(key)
	}
	names := make([]string, 0, len(written))
	for name := range written {
		names = append(names, name)
	}
	sandboxSort.Strings(names)
	opening, pair, middle, end, closing := "{", "", ": ", "", "}"
	if !plain {
		opening, pair, middle, end, closing = `{"$dict": [`, "[", ", ", "]", "]}"
	}
	out.WriteString(opening)
	for i, name := range names {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(pair)
		sandboxText(out, name)
		out.WriteString(middle)
		sandboxWrite(out, written[name], depth+1)
		out.WriteString(end)
	}
	out.WriteString(closing)
}
