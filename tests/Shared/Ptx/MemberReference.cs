using System.Reflection;
using System.Reflection.Emit;

namespace Dray.Tests.Ptx;

/// <summary>An instruction that names a method or field.</summary>
internal readonly record struct MemberReference(MethodBase Caller, OpCode Code, MemberInfo Target);
