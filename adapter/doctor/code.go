package doctor

// A Code names a kind of finding for good: what it means does not change, and it is not
// given to another one. The first two digits are the group.
type Code string

// The file.
const (
	EmptyFile        Code = "T0101"
	NotWebAssembly   Code = "T0102"
	WebAssemblyText  Code = "T0103"
	WITText          Code = "T0104"
	OtherText        Code = "T0105"
	WITBinary        Code = "T0106"
	Truncated        Code = "T0107"
	InvalidComponent Code = "T0108"
	InvalidModule    Code = "T0109"
	OtherFormat      Code = "T0110"
)

// Core modules and components, taken for each other.
const (
	BareModule         Code = "T0201"
	EmbeddedWorld      Code = "T0202"
	MissingAdapter     Code = "T0203"
	UnservedImport     Code = "T0204"
	WorldStripped      Code = "T0205"
	ModuleWanted       Code = "T0206"
	ComponentWanted    Code = "T0207"
	OtherKindOfThing   Code = "T0208"
	OtherRuntimeModule Code = "T0209"
)

// Imports that nothing meets.
const (
	NotOffered        Code = "T0301"
	WASINotLinked     Code = "T0302"
	HTTPNotLinked     Code = "T0303"
	OtherPrerelease   Code = "T0304"
	NewerTrack        Code = "T0305"
	OlderTrack        Code = "T0306"
	NoVersion         Code = "T0307"
	NewerPatch        Code = "T0308"
	FunctionGone      Code = "T0309"
	FunctionMissing   Code = "T0310"
	AliasLeadsNowhere Code = "T0311"
	ShimFails         Code = "T0312"
	LinkedNeeds       Code = "T0313"
	Circle            Code = "T0314"
	CannotLink        Code = "T0315"
	Stubbed           Code = "T0316"
	ByShim            Code = "T0317"
)

// Types that drifted.
const (
	ParamDrift      Code = "T0401"
	ResultDrift     Code = "T0402"
	ParamsDiffer    Code = "T0403"
	RecordDrift     Code = "T0404"
	VariantDrift    Code = "T0405"
	EnumDrift       Code = "T0406"
	FlagsDrift      Code = "T0407"
	OtherResource   Code = "T0408"
	AsyncDiffers    Code = "T0409"
	ModuleTypeDrift Code = "T0410"
	TypeDrift       Code = "T0411"
)

// Exports.
const (
	NoCommand      Code = "T0501"
	OtherRun       Code = "T0502"
	Server         Code = "T0503"
	RunDiffers     Code = "T0504"
	ExportsNothing Code = "T0505"
)

// The engine.
const (
	LegacyExceptions Code = "T0601"
	GarbageCollected Code = "T0602"
	MultipleMemories Code = "T0603"
	Memory64         Code = "T0604"
	RelaxedSIMD      Code = "T0605"
	StackSwitching   Code = "T0606"
	CustomPageSizes  Code = "T0607"
	WideArithmetic   Code = "T0608"
	SharedEverything Code = "T0609"
	UnknownOpcode    Code = "T0610"
	GatedFeature     Code = "T0611"
	MemoryTooLarge   Code = "T0612"
)

// What it may need to be granted.
const (
	WantsConnect  Code = "T0701"
	WantsListen   Code = "T0702"
	WantsUDP      Code = "T0703"
	WantsNames    Code = "T0704"
	WantsHTTP     Code = "T0705"
	WantsFiles    Code = "T0706"
	WantsConfig   Code = "T0707"
	WantsKeyValue Code = "T0708"
	WantsLog      Code = "T0709"
	WantsListener Code = "T0710"
	CannotGrant   Code = "T0711"
)

// What was asked for on the command line.
const (
	LinkMeansNothing  Code = "T0801"
	LinkUnreadable    Code = "T0802"
	AliasMeansNothing Code = "T0803"
)

// Groups are the headings of the codes, by the first three letters.
var groups = []struct{ prefix, title string }{
	{"T01", "the file"},
	{"T02", "core modules and components"},
	{"T03", "imports that nothing meets"},
	{"T04", "types that drifted"},
	{"T05", "exports"},
	{"T06", "what the engine lacks"},
	{"T07", "what it may need to be granted"},
	{"T08", "the command line"},
}

// codes are all codes, in order.
var codes = []Code{
	EmptyFile, NotWebAssembly, WebAssemblyText, WITText, OtherText, WITBinary, Truncated, InvalidComponent, InvalidModule, OtherFormat,
	BareModule, EmbeddedWorld, MissingAdapter, UnservedImport, WorldStripped, ModuleWanted, ComponentWanted, OtherKindOfThing, OtherRuntimeModule,
	NotOffered, WASINotLinked, HTTPNotLinked, OtherPrerelease, NewerTrack, OlderTrack, NoVersion, NewerPatch, FunctionGone, FunctionMissing,
	AliasLeadsNowhere, ShimFails, LinkedNeeds, Circle, CannotLink, Stubbed, ByShim,
	ParamDrift, ResultDrift, ParamsDiffer, RecordDrift, VariantDrift, EnumDrift, FlagsDrift, OtherResource, AsyncDiffers, ModuleTypeDrift, TypeDrift,
	NoCommand, OtherRun, Server, RunDiffers, ExportsNothing,
	LegacyExceptions, GarbageCollected, MultipleMemories, Memory64, RelaxedSIMD, StackSwitching, CustomPageSizes, WideArithmetic,
	SharedEverything, UnknownOpcode, GatedFeature, MemoryTooLarge,
	WantsConnect, WantsListen, WantsUDP, WantsNames, WantsHTTP, WantsFiles, WantsConfig, WantsKeyValue, WantsLog, WantsListener, CannotGrant,
	LinkMeansNothing, LinkUnreadable, AliasMeansNothing,
}

// Codes are all codes that a finding can have, in order.
func Codes() []Code { return append([]Code(nil), codes...) }
