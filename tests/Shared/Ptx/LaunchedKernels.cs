using System.Reflection;
using System.Reflection.Emit;

namespace Dray.Tests.Ptx;

/// <summary>
/// Finds the kernels of an assembly by reading the code that loads them: a static method whose address is taken for a delegate, that
/// returns nothing and has a parameter with an ILGPU view in it. What is found this way can't be forgotten.
/// </summary>
internal static class LaunchedKernels
{
    private const BindingFlags Fields = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    /// <summary>The kernels that code of the assembly loads, with their type arguments; open ones where no code names these.</summary>
    public static IReadOnlyCollection<MethodInfo> In(Assembly assembly)
    {
        var references = new MemberReferences(assembly);
        return [.. references.All.Where(reference => reference.Code == OpCodes.Ldftn && reference.Target is MethodInfo method && IsKernel(method) &&
                method.Module.Assembly == assembly)
            .SelectMany(reference => references.Instances(reference)).Cast<MethodInfo>().Distinct()];
    }

    /// <summary>The methods that construct a type, as code of the assembly does it.</summary>
    public static IReadOnlyCollection<MethodBase> Constructing(Assembly assembly, Type type) =>
        [.. new MemberReferences(assembly).All.Where(reference => reference.Target is ConstructorInfo && reference.Target.DeclaringType == type)
            .Select(reference => reference.Caller).Distinct()];

    private static bool IsKernel(MethodInfo method) =>
        method.IsStatic && method.ReturnType == typeof(void) && method.GetParameters().Any(parameter => HasView(parameter.ParameterType));

    private static bool HasView(Type type) =>
        type is { IsValueType: true, IsPrimitive: false, IsEnum: false } &&
        (typeof(ILGPU.IArrayView).IsAssignableFrom(type) || type.GetFields(Fields).Any(field => HasView(field.FieldType)));
}
