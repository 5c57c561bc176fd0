using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Dray.Tests.Ptx;

/// <summary>Every method and field that code of an assembly names.</summary>
internal sealed class MemberReferences(Assembly assembly)
{
    private const BindingFlags Everything =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>Gets the references, type arguments as they stand in generic code.</summary>
    public IReadOnlyList<MemberReference> All { get; } = [.. assembly.GetTypes()
        .SelectMany(type => type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything))).SelectMany(In)];

    /// <summary>A referenced method with each set of type arguments that its caller is used with; as it stands if none is found.</summary>
    public IReadOnlyCollection<MethodBase> Instances(MemberReference reference)
    {
        if (reference.Target is not MethodInfo { ContainsGenericParameters: true } open) return [(MethodBase)reference.Target];
        var closed = Arguments(reference.Caller, []).Select(arguments => Close(open, arguments)).Where(method => !method.ContainsGenericParameters).ToList();
        return closed.Count > 0 ? closed : [open];
    }

    /// <summary>The type arguments that a generic method, or one of a generic type, is used with: by parameter.</summary>
    private IEnumerable<Dictionary<Type, Type>> Arguments(MethodBase user, HashSet<MethodBase> seen)
    {
        if (!seen.Add(user)) yield break;
        foreach (var (caller, _, target) in All)
        {
            if (Bind(user, target) is not { } bound) continue;
            if (bound.Values.All(type => !type.ContainsGenericParameters)) yield return bound;
            else
            {
                foreach (var outer in Arguments(caller, [.. seen])) yield return bound.ToDictionary(pair => pair.Key, pair => Close(pair.Value, outer));
            }
        }
    }

    private static Dictionary<Type, Type>? Bind(MethodBase user, MemberInfo target)
    {
        if (user.IsGenericMethodDefinition)
        {
            if (target is not MethodInfo { IsGenericMethod: true, IsGenericMethodDefinition: false } method || method.MetadataToken != user.MetadataToken ||
                method.Module != user.Module) return null;
            return user.GetGenericArguments().Zip(method.GetGenericArguments()).ToDictionary(pair => pair.First, pair => pair.Second);
        }

        var type = target.DeclaringType;
        if (user.DeclaringType is not { IsGenericTypeDefinition: true } definition || type is not { IsGenericType: true } || type.GetGenericTypeDefinition() != definition) return null;
        return definition.GetGenericArguments().Zip(type.GetGenericArguments()).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static MethodInfo Close(MethodInfo method, Dictionary<Type, Type> arguments)
    {
        if (!method.IsGenericMethod) return method;
        return method.GetGenericMethodDefinition().MakeGenericMethod([.. method.GetGenericArguments().Select(type => Close(type, arguments))]);
    }

    private static Type Close(Type type, Dictionary<Type, Type> arguments)
    {
        if (arguments.TryGetValue(type, out var argument)) return argument;
        if (!type.IsGenericType || !type.ContainsGenericParameters) return type;
        return type.GetGenericTypeDefinition().MakeGenericType([.. type.GetGenericArguments().Select(inner => Close(inner, arguments))]);
    }

    private static IEnumerable<MemberReference> In(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var wide = code[at] == 0xFE;
            var opcode = Codes[wide ? 0xFE00 | code[at + 1] : code[at]];
            at += wide ? 2 : 1;
            if (opcode.OperandType is OperandType.InlineMethod or OperandType.InlineField &&
                method.Module.ResolveMember(BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)), typeArguments, methodArguments) is { } target)
            {
                yield return new MemberReference(method, opcode, target);
            }

            at += OperandBytes(opcode, code.AsSpan(at));
        }
    }

    private static int OperandBytes(OpCode code, ReadOnlySpan<byte> operand) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(operand)),
        _ => 4,
    };
}
