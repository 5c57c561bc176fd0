using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Dray.Tests.Ptx;

/// <summary>
/// Finds the kernels of an assembly by reading the code that loads them: a static method whose address is taken for a delegate, that
/// returns nothing and has a parameter with an ILGPU view in it. What is found this way can't be forgotten.
/// </summary>
internal static class LaunchedKernels
{
    private const BindingFlags Everything =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The kernels that code of the assembly loads, with their type arguments; open where generic code loads them.</summary>
    public static IReadOnlyCollection<MethodInfo> In(Assembly assembly) =>
        [.. Operands(assembly, OpCodes.Ldftn).Select(operand => operand.Target).OfType<MethodInfo>()
            .Where(method => method.Module.Assembly == assembly && IsKernel(method)).Distinct()];

    /// <summary>The methods that construct a type, as code of the assembly does it.</summary>
    public static IReadOnlyCollection<MethodBase> Constructing(Assembly assembly, Type type) =>
        [.. Operands(assembly, OpCodes.Newobj).Concat(Operands(assembly, OpCodes.Call))
            .Where(operand => operand.Target is ConstructorInfo && operand.Target.DeclaringType == type).Select(operand => operand.Caller).Distinct()];

    private static bool IsKernel(MethodInfo method) =>
        method.IsStatic && method.ReturnType == typeof(void) && method.GetParameters().Any(parameter => HasView(parameter.ParameterType));

    private static bool HasView(Type type) =>
        type is { IsValueType: true, IsPrimitive: false, IsEnum: false } &&
        (typeof(ILGPU.IArrayView).IsAssignableFrom(type) || type.GetFields(Everything).Any(field => !field.IsStatic && HasView(field.FieldType)));

    private static IEnumerable<(MethodBase Caller, MethodBase Target)> Operands(Assembly assembly, OpCode wanted)
    {
        foreach (var type in assembly.GetTypes())
        {
            foreach (var method in type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
            {
                foreach (var target in Targets(method, wanted)) yield return (method, target);
            }
        }
    }

    private static IEnumerable<MethodBase> Targets(MethodBase method, OpCode wanted)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var wide = code[at] == 0xFE;
            var opcode = Codes[wide ? 0xFE00 | code[at + 1] : code[at]];
            at += wide ? 2 : 1;
            if (opcode == wanted)
                yield return method.Module.ResolveMethod(BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)), typeArguments, methodArguments)!;
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
