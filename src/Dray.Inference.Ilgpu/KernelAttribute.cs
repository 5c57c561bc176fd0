using System.Reflection;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu;

/// <summary>
/// What a kernel is compiled with and held to. The tests compile every kernel to PTX for each architecture, with the launch bounds and
/// specialised values given here, and hold its code to <see cref="Traits"/>. A kernel with specialised values has one attribute for each set.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class KernelAttribute(params object[] values) : Attribute
{
    /// <summary>Gets the values of the kernel's <see cref="SpecializedValue{T}"/> parameters, in order.</summary>
    public IReadOnlyList<object> Values { get; } = values;

    /// <summary>Gets or sets the most threads of a group, the same for every set of values; 0 leaves it to the driver.</summary>
    public int MaxThreads { get; set; }

    /// <summary>Gets or sets how many groups should fit on a multiprocessor at once; 0 leaves it to the driver.</summary>
    public int MinGroups { get; set; }

    /// <summary>Gets or sets what the machine code must show.</summary>
    public KernelTraits Traits { get; set; }

    /// <summary>Gets or sets the type arguments of a generic kernel that this attribute is about; none for all.</summary>
    public Type[] TypeArguments { get; set; } = [];

    /// <summary>Gets the launch bounds to load the kernel with.</summary>
    public KernelSpecialization Bounds => new(MaxThreads == 0 ? null : MaxThreads, MinGroups == 0 ? null : MinGroups);

    /// <summary>The attributes of a kernel that hold for its type arguments.</summary>
    public static IEnumerable<KernelAttribute> Of(MethodInfo kernel) => kernel.GetCustomAttributes<KernelAttribute>().Where(mark =>
        mark.TypeArguments.Length == 0 || !kernel.IsGenericMethod || mark.TypeArguments.SequenceEqual(kernel.GetGenericArguments()));

    /// <summary>The launch bounds that a kernel is marked with.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <exception cref="ArgumentException">The method isn't marked.</exception>
    public static KernelSpecialization BoundsOf(Delegate kernel) => Of(kernel.Method).FirstOrDefault()?.Bounds
        ?? throw new ArgumentException($"{kernel.Method.DeclaringType?.Name}.{kernel.Method.Name} is loaded as a kernel; mark it with [Kernel].", nameof(kernel));
}
