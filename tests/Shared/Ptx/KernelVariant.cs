using System.Globalization;
using System.Reflection;
using Dray.Inference.Ilgpu;
using ILGPU.Runtime;

namespace Dray.Tests.Ptx;

/// <summary>A kernel with the launch bounds and specialised values that it is compiled with.</summary>
/// <param name="Method">The kernel, without open type parameters.</param>
/// <param name="Bounds">Launch bounds.</param>
/// <param name="Values">Values of its specialised parameters, in order.</param>
/// <param name="Traits">What its code must show.</param>
internal sealed record KernelVariant(MethodInfo Method, KernelSpecialization Bounds, IReadOnlyList<object> Values, KernelTraits Traits)
{
    /// <summary>Gets a name that is unique in its assembly, such as <c>MatMulKernels.Small(8)</c>.</summary>
    public string Name { get; } = NameOf(Method) +
        (Values.Count == 0 ? "" : $"({string.Join(", ", Values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}")))})");

    /// <summary>Every kernel of an assembly, by name: those that its code loads, and those that are marked.</summary>
    /// <exception cref="InvalidOperationException">It can't be told which type arguments or values a kernel is compiled with.</exception>
    public static IReadOnlyList<KernelVariant> In(Assembly assembly) =>
        [.. LaunchedKernels.In(assembly).Concat(Marked(assembly)).SelectMany(Of).DistinctBy(kernel => kernel.Name)
            .OrderBy(kernel => kernel.Name, StringComparer.Ordinal)];

    private static IEnumerable<MethodInfo> Marked(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .SelectMany(method => method.GetCustomAttributes<KernelAttribute>().Where(mark => mark.TypeArguments.Length > 0 || !method.ContainsGenericParameters)
            .Select(mark => mark.TypeArguments.Length == 0 ? method : method.MakeGenericMethod(mark.TypeArguments)));

    private static IEnumerable<KernelVariant> Of(MethodInfo method)
    {
        // Code whose type arguments are known nowhere: the attributes must name them, and Marked has found those.
        if (method.ContainsGenericParameters)
        {
            if (method.GetCustomAttributes<KernelAttribute>().Any(mark => mark.TypeArguments.Length > 0)) return [];
            throw new InvalidOperationException(
                $"{NameOf(method)} is loaded by generic code, which doesn't tell its type arguments; name them in [Kernel(TypeArguments = [...])].");
        }

        KernelAttribute[] marks = [.. KernelAttribute.Of(method)];
        if (marks.Length == 0)
        {
            // Generic code names combinations that it never loads; where the attributes name some, those are all there are.
            if (method.IsDefined(typeof(KernelAttribute))) return [];
            marks = [new KernelAttribute()];
        }

        return marks.Select(mark => new KernelVariant(method, mark.Bounds, mark.Values, mark.Traits));
    }

    /// <summary>The name of a kernel's method, with its class and type arguments.</summary>
    public static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}" +
        (method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(type => type.Name))}>" : "");

    /// <summary>Whether the code must show a trait.</summary>
    public bool Shows(KernelTraits trait) => (Traits & trait) == trait;
}
