"""What Judge0 says of its configuration, as far as ours is one of that kind."""

from collections.abc import Mapping

from sandbox_service.compat.judge0_submissions import (
    CPU_SECONDS,
    MEMORY_KILOBYTES,
    MOST_IN_A_BATCH,
    PROCESSES,
    RETURNED_OUTPUT_BYTES,
    WALL_SECONDS,
)
from sandbox_service.settings import Settings


def configuration(settings: Settings) -> Mapping[str, object]:
    """Every field that its clients may look for."""
    return {
        "maintenance_mode": False,
        "enable_wait_result": True,
        "enable_compiler_options": False,
        "allowed_languages_for_compile_options": [],
        "enable_command_line_arguments": False,
        "enable_submission_delete": False,
        "enable_callbacks": False,
        "callbacks_max_tries": 0,
        "callbacks_timeout": 0,
        "enable_additional_files": False,
        "enable_batched_submissions": True,
        "max_submission_batch_size": MOST_IN_A_BATCH,
        "max_queue_size": settings.maximum_queued_submissions,
        "submission_cache_duration": 0,
        "use_docs_as_homepage": True,
        "cpu_time_limit": CPU_SECONDS,
        "max_cpu_time_limit": settings.maximum_cpu_seconds,
        "cpu_extra_time": 0,
        "max_cpu_extra_time": 0,
        "wall_time_limit": WALL_SECONDS,
        "max_wall_time_limit": settings.maximum_wall_seconds,
        "memory_limit": MEMORY_KILOBYTES,
        "max_memory_limit": settings.maximum_memory_bytes // 1024,
        "stack_limit": MEMORY_KILOBYTES,  # the stack is bounded by the memory alone
        "max_stack_limit": settings.maximum_memory_bytes // 1024,
        "max_processes_and_or_threads": PROCESSES,
        "max_max_processes_and_or_threads": settings.maximum_processes,
        "enable_per_process_and_thread_time_limit": False,
        "allow_enable_per_process_and_thread_time_limit": False,
        "enable_per_process_and_thread_memory_limit": False,
        "allow_enable_per_process_and_thread_memory_limit": False,
        "max_file_size": RETURNED_OUTPUT_BYTES // 1024,
        "max_max_file_size": settings.maximum_output_bytes // 1024,
        "max_extract_size": 0,
        "number_of_runs": 1,
        "max_number_of_runs": 1,
        "redirect_stderr_to_stdout": False,
        "enable_network": False,
        "allow_enable_network": False,
    }
